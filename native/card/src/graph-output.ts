// Makes a tensor inside of an ONNX graph one of its outputs: a card ends earlier than the featurizer does.
// Public reference: onnx.proto of ONNX; the encoding is that of protocol buffers.

const MODEL_GRAPH = 7;
const GRAPH_OUTPUT = 12;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
/** TypeProto { tensor_type: { elem_type: FLOAT } }; onnxruntime finds the shape itself. */
const FLOAT_TENSOR = Uint8Array.of(0x0a, 0x02, 0x08, 0x01);

interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly start: number;
  /** Of the content, behind the length. */
  readonly content: number;
  readonly end: number;
}

/**
 * The same model with one more output, a float32 tensor of that name; the graph must make it, which onnxruntime checks.
 * @throws RangeError when the bytes are no ONNX model
 */
export function withOutput(model: Uint8Array, name: string): Uint8Array {
  const fields = [...fieldsOf(model)];
  const graphs = fields.filter(({ number, wireType }) => number === MODEL_GRAPH && wireType === 2);
  const graph = graphs[0];
  if (graphs.length !== 1 || !graph) throw new RangeError('not an ONNX model: there is no graph in it');
  const value = field(GRAPH_OUTPUT, [
    ...field(VALUE_NAME, new TextEncoder().encode(name)),
    ...field(VALUE_TYPE, FLOAT_TENSOR),
  ]);
  const body = model.subarray(graph.content, graph.end);
  const header = [...varint((MODEL_GRAPH << 3) | 2), ...varint(body.length + value.length)];
  return Buffer.concat([
    model.subarray(0, graph.start),
    Uint8Array.from(header),
    body,
    Uint8Array.from(value),
    model.subarray(graph.end),
  ]);
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const broken = () => new RangeError('not an ONNX model: it is cut off or of another kind');
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw broken();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw broken();
  };
  while (at < bytes.length) {
    const start = at;
    const tag = next();
    const wireType = tag % 8;
    let content = at;
    if (wireType === 0) next();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = next();
      content = at;
      at += length;
    } else throw broken();
    if (at > bytes.length) throw broken();
    yield { number: Math.floor(tag / 8), wireType, start, content, end: at };
  }
}

function field(number: number, content: ArrayLike<number>): number[] {
  return [...varint((number << 3) | 2), ...varint(content.length), ...Array.from(content)];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}
