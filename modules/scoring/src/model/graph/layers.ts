import type { FileHandle } from 'node:fs/promises';
import { integersOf, readIntegers } from './constant-integers.js';
import { type Attributes, readAttributes } from './node-attributes.js';
import type { OnnxModel, OnnxNode } from './onnx-model.js';
import { type Shape, shapeAfter } from './shape-after.js';
import { readWeightInfo } from './weight-info.js';

/** What a layer costs the card depends on these; sizes are those of one picture. */
export type Layer =
  | {
      readonly kind: 'convolution';
      readonly groups: number;
      /** Of one group. */
      readonly from: number;
      readonly to: number;
      readonly taps: number;
      readonly positions: number;
      /** Whether it sees all of its input at once, as a dense layer does. */
      readonly dense: boolean;
    }
  /** Pooling, joining, or a normalisation that no convolution before it can take in. */
  | { readonly kind: 'pass'; readonly positions: number };

const WINDOWS = ['MaxPool', 'AveragePool'];

/** What is known of a graph's constants: their shapes, and the values of short lists of whole numbers. */
export interface Constants {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly integers: ReadonlyMap<string, readonly number[]>;
}

export async function readConstants(file: FileHandle, model: OnnxModel): Promise<Constants> {
  const shapes = new Map<string, Shape>();
  const integers = new Map<string, readonly number[]>();
  for (const [name, range] of model.weights) {
    const info = await readWeightInfo(file, range);
    shapes.set(name, info.dims);
    const values = await readIntegers(file, range, info);
    if (values) integers.set(name, values);
  }
  return { shapes, integers };
}

/**
 * The layers of a featurizer, by following the shapes through it.
 *
 * @param input shape of the graph's input; the batch counts as 1
 * @throws RangeError naming the node behind which the shapes are not known
 */
export function layersOf(model: Pick<OnnxModel, 'nodes' | 'inputs'>, constants: Constants, input: Shape): Layer[] {
  const shapes = new Map(constants.shapes);
  const integers = new Map(constants.integers);
  for (const { name } of model.inputs) shapes.set(name, [1, ...input.slice(1)]);
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const layers: Layer[] = [];
  let lost: OnnxNode | undefined;
  for (const node of model.nodes) {
    const attributes = readAttributes(node.bytes);
    const constant = node.operator === 'Constant' ? integersOf(node.bytes) : undefined;
    const [output = ''] = node.outputs;
    if (constant) integers.set(output, constant);
    const from = node.inputs.map((name) => shapes.get(name));
    const shape = shapeAfter(
      node,
      attributes,
      from,
      node.inputs.map((name) => integers.get(name)),
    );
    if (shape) shapes.set(output, shape);
    else if (node.operator !== 'Constant') lost ??= node;
    const [first, second] = from;
    if (node.operator === 'Conv') {
      if (!shape || !first || !second) {
        const after = lost && lost !== node ? ` after ${lost.operator} ${lost.outputs[0]}` : '';
        throw new RangeError(`the shapes that Conv ${output} works on are not known${after}`);
      }
      layers.push(convolution(attributes, first, second, shape));
    } else if (shape && isPass(node, attributes, makers)) {
      layers.push({ kind: 'pass', positions: positions(shape) });
    }
  }
  return layers;
}

function convolution(attributes: Attributes, input: Shape, weights: Shape, output: Shape): Layer {
  const groups = attributes.integer('group', 1);
  const taps = weights.slice(2).reduce((product, size) => product * size, 1);
  return {
    kind: 'convolution',
    groups,
    from: weights[1]!,
    to: weights[0]! / groups,
    taps,
    positions: positions(output),
    dense: positions(output) === 1 && taps === positions(input),
  };
}

function isPass(
  { operator, inputs }: OnnxNode,
  attributes: Attributes,
  makers: ReadonlyMap<string, OnnxNode>,
): boolean {
  if (operator === 'BatchNormalization') return makers.get(inputs[0] ?? '')?.operator !== 'Conv';
  // A window of one only leaves positions out, which costs nothing.
  if (WINDOWS.includes(operator)) return attributes.integers('kernel_shape')?.some((size) => size > 1) ?? true;
  return operator === 'Concat';
}

/** Height × width of [1,C,H,W]. */
function positions(shape: Shape): number {
  return shape.slice(2).reduce((product, size) => product * size, 1);
}
