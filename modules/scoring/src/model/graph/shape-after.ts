import type { Attributes } from './node-attributes.js';
import type { OnnxNode } from './onnx-model.js';

export type Shape = readonly number[];

/** What the names of the functions begin with that `ms-fp` models bring along; none changes a shape. */
export const ROUNDING_FUNCTIONS = 'RoundBlocks';

/** Operators whose output has the shape of their first input. */
const SAME = new Set(
  `BatchNormalization Cast Clip DequantizeLinear Dropout Elu Erf Exp Gelu HardSigmoid HardSwish Identity
  InstanceNormalization LRN LeakyRelu LpNormalization Mish Neg QuantizeLinear Relu Selu Sigmoid Softmax Softplus Sqrt
  Swish Tanh ThresholdedRelu`.split(/\s+/),
);
/** Operators that stretch the smaller input. */
const BROADCAST = new Set('Add Div Max Mean Min Mul PRelu Pow Sub Sum'.split(' '));
const GLOBAL = new Set(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool']);
const WINDOW = new Set(['Conv', 'MaxPool', 'AveragePool', 'LpPool']);

/**
 * Shape of an operator's first output, of the operators that convolutional networks are made of (ONNX's definitions,
 * channels first); `undefined` for all others and where an input is not known.
 *
 * @param from shapes of the inputs
 * @param integers values of the inputs that are short constant lists of whole numbers
 */
export function shapeAfter(
  node: OnnxNode,
  attributes: Attributes,
  from: readonly (Shape | undefined)[],
  integers: readonly (readonly number[] | undefined)[],
): Shape | undefined {
  const { operator } = node;
  const [first, second] = from;
  if (!first) return undefined;
  if (SAME.has(operator) || operator.startsWith(ROUNDING_FUNCTIONS)) return first;
  if (BROADCAST.has(operator)) return broadcast(from);
  if (GLOBAL.has(operator)) return [...first.slice(0, 2), ...first.slice(2).map(() => 1)];
  if (WINDOW.has(operator)) {
    if (operator === 'Conv' && !second) return undefined;
    const channels = operator === 'Conv' ? second![0]! : first[1]!;
    const kernel = attributes.integers('kernel_shape') ?? second?.slice(2);
    return kernel && window(first, channels, kernel, attributes);
  }
  if (operator === 'Transpose') {
    const order = attributes.integers('perm') ?? first.map((_, axis) => first.length - 1 - axis);
    return order.map((axis) => first[axis]!);
  }
  if (operator === 'Pad') {
    const pads = attributes.integers('pads') ?? integers[1];
    return pads?.length === 2 * first.length
      ? first.map((size, axis) => size + pads[axis]! + pads[axis + first.length]!)
      : undefined;
  }
  if (operator === 'Concat') return joined(from, attributes.integer('axis', 1));
  return undefined;
}

function broadcast(from: readonly (Shape | undefined)[]): Shape | undefined {
  if (from.some((shape) => shape === undefined)) return undefined;
  const rank = Math.max(...from.map((shape) => shape!.length));
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...from.map((shape) => shape![axis - rank + shape!.length] ?? 1)),
  );
}

function joined(from: readonly (Shape | undefined)[], axis: number): Shape | undefined {
  if (from.some((shape) => shape === undefined)) return undefined;
  const at = axis < 0 ? axis + from[0]!.length : axis;
  const total = from.reduce((sum, shape) => sum + shape![at]!, 0);
  return from[0]!.map((size, index) => (index === at ? total : size));
}

function window(input: Shape, channels: number, kernel: readonly number[], attributes: Attributes): Shape {
  const list = (name: string, otherwise: number) => attributes.integers(name) ?? kernel.map(() => otherwise);
  const [strides, dilations] = [list('strides', 1), list('dilations', 1)];
  const pads = attributes.integers('pads') ?? [...kernel, ...kernel].map(() => 0);
  const padding = attributes.text('auto_pad') ?? 'NOTSET';
  const round = attributes.integer('ceil_mode', 0) === 0 ? Math.floor : Math.ceil;
  const sizes = kernel.map((taps, axis) => {
    const size = input[axis + 2]!;
    if (padding.startsWith('SAME')) return Math.ceil(size / strides[axis]!);
    const around = padding === 'VALID' ? 0 : pads[axis]! + pads[axis + kernel.length]!;
    return round((size + around - dilations[axis]! * (taps - 1) - 1) / strides[axis]!) + 1;
  });
  return [input[0]!, channels, ...sizes];
}
