/**
 * Two of the smallest graphs with the real networks' tensor names, for tests: a featurizer that averages each channel,
 * a classifier of one matrix. Protocol buffers are written by hand; field numbers are those of `onnx.proto`.
 */
export interface TinyClassifier {
  /** Features × classes, row by row. */
  readonly weights: Float32Array;
  readonly classes: number;
  /** Off for a network that answers logits. */
  readonly softmax: boolean;
}

export const FEATURIZER_INPUT = 'InputImage:0';
export const FEATURES = 'resnet_v1_50/pool5:0';
export const PREDICTIONS = 'classifier/resnet_v1_50/predictions/Softmax:0';

/** [-1, side, side, 3] -> [-1, 1, 1, 3]: the mean of each channel. */
export function tinyFeaturizer(side = 224, output = FEATURES): Buffer {
  // Row means first: one float32 sum over all pixels would be off in the third digit.
  const mean = (from: string, to: string, axis: number) =>
    node('ReduceMean', [from], [to], [ints('axes', [axis]), int('keepdims', 1)]);
  const nodes = [mean(FEATURIZER_INPUT, 'rows', 2), mean('rows', output, 1)];
  return model(nodes, [], value(FEATURIZER_INPUT, [-1, side, side, 3]), value(output, [-1, 1, 1, 3]));
}

/** [-1, 1, 1, 3] -> [-1, classes]. */
export function tinyClassifier({ weights, classes, softmax }: TinyClassifier): Buffer {
  const nodes = [node('Flatten', [FEATURES], ['flat'], [int('axis', 1)])];
  nodes.push(node('MatMul', ['flat', 'weights'], [softmax ? 'logits' : PREDICTIONS], []));
  if (softmax) nodes.push(node('Softmax', ['logits'], [PREDICTIONS], [int('axis', -1)]));
  const initializer = Buffer.concat([
    field(1, varint(3)),
    field(1, varint(classes)),
    field(2, varint(1)),
    text(8, 'weights'),
    bytes(9, Buffer.from(weights.buffer, weights.byteOffset, weights.byteLength)),
  ]);
  return model(nodes, [initializer], value(FEATURES, [-1, 1, 1, 3]), value(PREDICTIONS, [-1, classes]));
}

function model(nodes: Buffer[], initializers: Buffer[], input: Buffer, output: Buffer): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((one) => bytes(1, one)),
    text(2, 'tiny'),
    ...initializers.map((one) => bytes(5, one)),
    bytes(11, input),
    bytes(12, output),
  ]);
  const opset = Buffer.concat([text(1, ''), field(2, varint(17))]);
  return Buffer.concat([field(1, varint(8)), bytes(7, graph), bytes(8, opset)]);
}

function node(type: string, inputs: string[], outputs: string[], attributes: Buffer[]): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, type),
    ...attributes.map((one) => bytes(5, one)),
  ]);
}

function int(name: string, value: number): Buffer {
  return Buffer.concat([text(1, name), field(3, varint(value)), field(20, varint(2))]);
}

function ints(name: string, values: number[]): Buffer {
  return Buffer.concat([text(1, name), ...values.map((one) => field(8, varint(one))), field(20, varint(7))]);
}

function value(name: string, shape: number[]): Buffer {
  const dims = shape.map((size) => bytes(1, size < 0 ? text(2, 'batch') : field(1, varint(size))));
  const tensor = Buffer.concat([field(1, varint(1)), bytes(2, Buffer.concat(dims))]);
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))]);
}

function text(number: number, content: string): Buffer {
  return bytes(number, Buffer.from(content));
}

function bytes(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number << 3), content]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(out);
}
