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
/** Of a card, for `tinyTail`. */
export const CARD_OUTPUT = 'pool';
export const PREDICTIONS = 'classifier/resnet_v1_50/predictions/Softmax:0';

/** [-1, side, side, 3] -> [-1, 1, 1, 3]: the mean of each channel. */
export function tinyFeaturizer(side = 224, output = FEATURES): Buffer {
  const nodes = meanOfChannels(output);
  return model(nodes, [], value(FEATURIZER_INPUT, [-1, side, side, 3]), value(output, [-1, 1, 1, 3]));
}

/** [-1, 1, 1, 3] -> [-1, classes]. */
export function tinyClassifier({ weights, classes, softmax }: TinyClassifier): Buffer {
  const nodes = [node('Flatten', [FEATURES], ['flat'], [int('axis', 1)])];
  nodes.push(node('MatMul', ['flat', 'weights'], [softmax ? 'logits' : PREDICTIONS], []));
  if (softmax) nodes.push(node('Softmax', ['logits'], [PREDICTIONS], [int('axis', -1)]));
  const matrix = floats('weights', [3, classes], weights);
  return model(nodes, [matrix], value(FEATURES, [-1, 1, 1, 3]), value(PREDICTIONS, [-1, classes]));
}

/** `pool` [-1, 7, 7, 3] -> features [-1, 1, 1, 3]: the mean of each channel times weights that lie in another file. */
export function tinyTail(location: string, offset: number): Buffer {
  const entries = Object.entries({ location, offset: String(offset), length: '12' });
  const weights = Buffer.concat([
    field(1, varint(3)),
    field(2, varint(1)),
    text(8, 'gain'),
    ...entries.map(([key, content]) => bytes(13, Buffer.concat([text(1, key), text(2, content)]))),
    field(14, varint(1)),
  ]);
  const nodes = [mean(CARD_OUTPUT, 'mean', [1, 2]), node('Mul', ['mean', 'gain'], [FEATURES], [])];
  return model(nodes, [weights], value(CARD_OUTPUT, [-1, 7, 7, 3]), value(FEATURES, [-1, 1, 1, 3]));
}

/** As `tinyFeaturizer`, each mean times a weight that `tinyTail` takes from here, at the byte that is told. */
export function weightedFeaturizer(gain: readonly number[]): { readonly file: Buffer; readonly offset: number } {
  const values = Buffer.from(Float32Array.from(gain).buffer);
  const nodes = [...meanOfChannels('mean'), node('Mul', ['mean', 'gain'], [FEATURES], [])];
  const weights = Buffer.concat([field(1, varint(3)), field(2, varint(1)), text(8, 'gain'), bytes(9, values)]);
  const file = model(nodes, [weights], value(FEATURIZER_INPUT, [-1, 224, 224, 3]), value(FEATURES, [-1, 1, 1, 3]));
  return { file, offset: file.indexOf(values) };
}

/** A graph of one node for each operator, in a row, from `in` to `out`; for tests of what is told from a header. */
export interface ChainGraph {
  /** `[domain, type]` of each node. */
  readonly operators: readonly (readonly [domain: string, type: string])[];
  readonly opsets?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
  /** Domain and name of functions that the model defines; each calls `inner`. */
  readonly functions?: readonly { readonly domain: string; readonly name: string; readonly inner: string }[];
  /** Weights in a file of their own. */
  readonly external?: string;
  readonly extraInput?: string;
  readonly type?: number;
}

export function chainGraph(options: ChainGraph, shape: readonly number[] = [-1, 3]): Buffer {
  const { operators, opsets = { '': 17 }, irVersion = 8, functions = [], external, extraInput, type = 1 } = options;
  const last = operators.length - 1;
  const nodes = operators.map(([domain, name], index) => {
    const [from, to] = [index === 0 ? 'in' : `t${index - 1}`, index === last ? 'out' : `t${index}`];
    return Buffer.concat([node(name, [from], [to], []), domain === '' ? Buffer.alloc(0) : text(7, domain)]);
  });
  const graph = [...nodes.map((one) => bytes(1, one)), text(2, 'chain')];
  if (external !== undefined) {
    const location = Buffer.concat([text(1, 'location'), text(2, external)]);
    const tensor = [field(1, varint(1)), field(2, varint(1)), text(8, 'w'), bytes(13, location), field(14, varint(1))];
    graph.push(bytes(5, Buffer.concat(tensor)));
  }
  graph.push(bytes(11, value('in', shape, type)));
  if (extraInput !== undefined) graph.push(bytes(11, value(extraInput, shape)));
  graph.push(bytes(12, value('out', shape, type)));
  const imports = Object.entries(opsets).map(([domain, version]) =>
    bytes(8, Buffer.concat([text(1, domain), field(2, varint(version))])),
  );
  const definitions = functions.map(({ domain, name, inner }) =>
    bytes(
      25,
      Buffer.concat([
        text(1, name),
        text(4, 'a'),
        text(5, 'b'),
        bytes(7, node(inner, ['a'], ['b'], [])),
        bytes(9, Buffer.concat([text(1, ''), field(2, varint(17))])),
        text(10, domain),
      ]),
    ),
  );
  return Buffer.concat([field(1, varint(irVersion)), bytes(7, Buffer.concat(graph)), ...imports, ...definitions]);
}

/**
 * `InputImage:0` [-1, 300, 300, 3] to the outputs given: each is the mean of the picture, spread over its shape, or the
 * values of one picture that `values` has for it, whatever the picture.
 */
export function tinySsd(
  outputs: readonly { readonly name: string; readonly shape: readonly number[] }[],
  values: ReadonlyMap<string, Float32Array> = new Map(),
): Buffer {
  const nodes = [node('ReduceMean', [FEATURIZER_INPUT], ['mean'], [ints('axes', [1, 2, 3]), int('keepdims', 0)])];
  nodes.push(node('Reshape', ['mean', 'column'], ['batch'], []));
  nodes.push(node('Sub', ['batch', 'batch'], ['zeros'], []));
  const initializers = [longs('column', [-1, 1, 1, 1, 1])];
  for (const [index, { name, shape }] of outputs.entries()) {
    const ofOne = [1, ...shape.slice(1)];
    const fixed = values.get(name);
    if (fixed) {
      nodes.push(node('Add', ['zeros', `values${index}`], [name], []));
      initializers.push(floats(`values${index}`, ofOne, fixed));
    } else {
      nodes.push(node('Expand', ['batch', `shape${index}`], [name], []));
      initializers.push(longs(`shape${index}`, ofOne));
    }
  }
  const results = outputs.map(({ name, shape }) => value(name, [...shape]));
  return model(nodes, initializers, value(FEATURIZER_INPUT, [-1, 300, 300, 3]), ...results);
}

function floats(name: string, shape: readonly number[], values: Float32Array): Buffer {
  return Buffer.concat([
    ...shape.map((size) => field(1, varint(size))),
    field(2, varint(1)),
    text(8, name),
    bytes(9, Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  ]);
}

/** Row means first: one float32 sum over all pixels would be off in the third digit. */
function meanOfChannels(output: string): Buffer[] {
  return [mean(FEATURIZER_INPUT, 'rows', [2]), mean('rows', output, [1])];
}

function mean(from: string, to: string, axes: number[]): Buffer {
  return node('ReduceMean', [from], [to], [ints('axes', axes), int('keepdims', 1)]);
}

function longs(name: string, values: readonly number[]): Buffer {
  const data = Buffer.from(BigInt64Array.from(values, BigInt).buffer);
  return Buffer.concat([field(1, varint(values.length)), field(2, varint(7)), text(8, name), bytes(9, data)]);
}

function model(nodes: Buffer[], initializers: Buffer[], input: Buffer, ...outputs: Buffer[]): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((one) => bytes(1, one)),
    text(2, 'tiny'),
    ...initializers.map((one) => bytes(5, one)),
    bytes(11, input),
    ...outputs.map((one) => bytes(12, one)),
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

function value(name: string, shape: readonly number[], type = 1): Buffer {
  const dims = shape.map((size) => bytes(1, size < 0 ? text(2, 'batch') : field(1, varint(size))));
  const tensor = Buffer.concat([field(1, varint(type)), bytes(2, Buffer.concat(dims))]);
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
