import { ROUNDING_FUNCTIONS } from '@edgeslot/scoring/graph';
import { exponentRange, largestMantissa, type MsFpFormat } from './format.js';
import { functionBytes, type NodeText } from './node-bytes.js';
import type { ChannelLayout } from './products.js';

export const DOMAIN = 'edgeslot.ms-fp';

/** From this operator set on, reductions take their axes as an input. */
const AXES_AS_INPUT = 18;
/** Rump's constants for single precision: the first is (2u)^-1 + 1, the second 1 - u, with u = 2^-24. */
const PHI = 2 ** 23 + 1;
const ONE_LESS = 1 - 2 ** -24;
/** Above this PHI overflows; no activation comes near. */
const MOST_EXPONENT = 103;

export function functionName({ groups, channels, last }: ChannelLayout): string {
  return `${ROUNDING_FUNCTIONS}${last ? 'Last' : ''}_${groups}x${channels}`;
}

/**
 * A function of the model itself, made of ONNX's own operators, that rounds an activation to block floating point: any
 * onnxruntime runs it. The largest power of two in each block's maximum, its scale, is found without a logarithm, which
 * would miss it next to powers of two: Rump, Ogita and Oishi, "Accurate floating-point summation", 2008, algorithm 3.5.
 */
export function activationFunction(layout: ChannelLayout, format: MsFpFormat, opset: number): Uint8Array {
  const { groups, channels, last } = layout;
  const block = Math.min(format.block, channels);
  const blocks = Math.ceil(channels / block);
  const padding = blocks * block - channels;
  const range = exponentRange(format);
  const nodes: NodeText[] = [];
  const node = (
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: NodeText['attributes'] = {},
  ) => {
    nodes.push({ operator, inputs, output, attributes });
    return output;
  };
  const float = (name: string, value: number) => node('Constant', [], name, { value: { floats: [value] } });
  const integers = (name: string, ...values: number[]) => node('Constant', [], name, { value: { integers: values } });
  // A size of 0 is copied, one of -1 is what remains.
  const [rows, columns] = last ? [-1, 1] : [0, -1];

  let net = node('Reshape', ['x', integers('split', rows, groups, channels, columns)], 'channels');
  if (padding > 0) net = node('Pad', [net, integers('pads', 0, 0, 0, 0, 0, 0, padding, 0)], 'padded');
  const values = node('Reshape', [net, integers('blocked', rows, groups * blocks, block, columns)], 'blocks');

  const magnitudes = node('Abs', [values], 'magnitudes');
  const largest =
    opset < AXES_AS_INPUT
      ? node('ReduceMax', [magnitudes], 'largest', { axes: [2], keepdims: 1 })
      : node('ReduceMax', [magnitudes, integers('axis', 2)], 'largest', { keepdims: 1 });
  const bounds = [float('least', 2 ** range.least), float('most', 2 ** Math.min(range.most, MOST_EXPONENT))];
  const held = node('Clip', [largest, ...bounds], 'held');
  const wide = node('Mul', [held, float('phi', PHI)], 'wide');
  const scale = node('Sub', [wide, node('Mul', [wide, float('one_less', ONE_LESS)], 'narrow')], 'scale');
  const step = node('Mul', [scale, float('mantissa', 2 ** (1 - format.mantissaBits))], 'step');

  const steps = node('Round', [node('Div', [values, step], 'ratio')], 'steps');
  const limits = [float('lowest', -largestMantissa(format)), float('highest', largestMantissa(format))];
  net = node('Mul', [node('Clip', [steps, ...limits], 'mantissas'), step], 'rounded');

  if (padding > 0) {
    net = node('Reshape', [net, integers('joined', rows, groups, blocks * block, columns)], 'whole');
    net = node('Slice', [net, integers('first', 0), integers('end', channels), integers('along', 2)], 'cut');
  }
  node('Reshape', [net, node('Shape', ['x'], 'shape')], 'y');
  return functionBytes({ name: functionName(layout), domain: DOMAIN, input: 'x', output: 'y', nodes, opset });
}
