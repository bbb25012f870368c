import type { FileHandle } from 'node:fs/promises';
import {
  type OnnxModel,
  type OnnxNode,
  readAttributes,
  readWeightInfo,
  type WeightInfo,
} from '@edgeslot/scoring/graph';
import type { BlockLayout } from './quantize-blocks.js';

/** How an activation lies in memory: `[batch][groups][channels][positions]`, or with the channels last. */
export interface ChannelLayout {
  readonly groups: number;
  /** Of one group. */
  readonly channels: number;
  readonly last: boolean;
}

/** A product with weights, which the card computes in block floating point. */
export interface Product {
  readonly node: OnnxNode;
  readonly activation: string;
  readonly channels: ChannelLayout;
  readonly weight: string;
  /** How the input channels lie in the weights. */
  readonly layout: BlockLayout;
}

const OPERATORS = ['Conv', 'Gemm', 'MatMul'];
/** Products too, whose weights lie in ways of their own; networks for the card have none. */
const OTHERS = ['ConvTranspose', 'Einsum', 'GRU', 'LSTM', 'RNN'];
const FLOAT32 = 1;

/**
 * The convolutions and matrix products of a graph and their weights.
 *
 * Throws RangeError for a product of another kind, and for one whose weights are not plain float32 constants of the graph
 * or lie so that they cannot be used: the graph would be left half in float32 without a word.
 */
export async function findProducts(file: FileHandle, model: OnnxModel): Promise<Product[]> {
  const products: Product[] = [];
  const other = model.nodes.find(({ operator }) => OTHERS.includes(operator));
  if (other) {
    const where = `${other.operator} ${other.outputs[0] ?? ''}`;
    throw new RangeError(`${where}: expected ${OPERATORS.join(', ')} and what multiplies no weights`);
  }
  for (const node of model.nodes.filter(({ operator }) => OPERATORS.includes(operator))) {
    const [activation = '', weight = ''] = node.inputs;
    const range = model.weights.get(weight);
    const where = `${node.operator} ${node.outputs[0] ?? ''}`;
    if (!range)
      throw new RangeError(`${where}: expected weights that are constants of the graph, got the tensor ${weight}`);
    const info = await readWeightInfo(file, range);
    if (info.type !== FLOAT32 || !info.values) {
      throw new RangeError(`${where}: expected float32 weights in one piece, got ${weight} of another type or storage`);
    }
    products.push({ node, activation, weight, ...layoutsOf(where, node, info) });
  }
  if (products.length === 0) throw new RangeError('the featurizer has no convolution or matrix product');
  return products;
}

function layoutsOf(
  where: string,
  { operator, bytes }: OnnxNode,
  { dims }: WeightInfo,
): Pick<Product, 'layout' | 'channels'> {
  const attributes = readAttributes(bytes);
  const rest = (from: number) => dims.slice(from).reduce((product, size) => product * size, 1);
  if (operator === 'Conv') {
    // [out, in / groups, kernel...]: a group's input channels.
    if (dims.length < 3) throw new RangeError(`${where}: expected weights of 3 or more dimensions, got ${dims.length}`);
    const axis = dims[1]!;
    return {
      layout: { axis, inner: rest(2) },
      channels: { groups: attributes.integer('group', 1), channels: axis, last: false },
    };
  }
  if (dims.length !== 2) throw new RangeError(`${where}: expected weights of 2 dimensions, got ${dims.length}`);
  if (attributes.integer('transA', 0) !== 0)
    throw new RangeError(`${where}: a transposed first operand (transA) is not supported`);
  const [rows, columns] = dims as [number, number];
  const layout = attributes.integer('transB', 0) !== 0 ? { axis: columns, inner: 1 } : { axis: rows, inner: columns };
  return { layout, channels: { groups: 1, channels: layout.axis, last: operator === 'MatMul' } };
}
