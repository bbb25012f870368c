import protobuf from 'protobufjs/minimal.js';
import { type Attribute, elementCount, type Graph, type Initializer, type Node, type ValueInfo } from './graph.js';

/**
 * The ONNX wire format (field numbers of onnx/onnx.proto3), written without generated code: a model is a prefix, then
 * one header and its raw values per tensor. Lengths follow from the dimensions, so values can be streamed.
 */
const IR_VERSION = 8;
const OPSET = 17;
const PRODUCER = 'edgeslot';

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;
const ELEMENT = { float32: { type: 1, bytes: 4 }, int64: { type: 7, bytes: 8 } } as const;
/** TensorProto.DataLocation. */
const EXTERNAL = 1;
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

type Writer = protobuf.Writer;

/** The bytes of a model in order; the pieces of weights are views on what the initializers give. */
export function* encodeModel(graph: Graph): Generator<Uint8Array> {
  const { prefix, structure, tensors } = layOut(graph);
  yield prefix;
  yield structure;
  for (const { initializer, header } of tensors) {
    yield header;
    if (!initializer.stored) yield* rawValues(initializer);
  }
}

/** Where in the model's bytes the values of each initializer begin. */
export function valueOffsets(graph: Graph): ReadonlyMap<string, number> {
  const { prefix, structure, tensors } = layOut(graph);
  const offsets = new Map<string, number>();
  let at = prefix.length + structure.length;
  for (const { initializer, header } of tensors) {
    at += header.length;
    if (!initializer.stored) offsets.set(initializer.name, at);
    at += writtenBytes(initializer);
  }
  return offsets;
}

function layOut(graph: Graph) {
  const head = protobuf.Writer.create();
  for (const node of graph.nodes) message(head, 1, (writer) => encodeNode(writer, node));
  head.uint32(key(2, LENGTH_DELIMITED)).string(graph.name);
  for (const input of graph.inputs) message(head, 11, (writer) => encodeValueInfo(writer, input));
  for (const output of graph.outputs) message(head, 12, (writer) => encodeValueInfo(writer, output));
  const structure = head.finish();

  const tensors = graph.initializers.map((initializer) => ({ initializer, header: tensorHeader(initializer) }));
  const graphLength = tensors.reduce(
    (sum, { initializer, header }) => sum + header.length + writtenBytes(initializer),
    structure.length,
  );

  const prefix = protobuf.Writer.create();
  prefix.uint32(key(1, VARINT)).int64(IR_VERSION);
  prefix.uint32(key(2, LENGTH_DELIMITED)).string(PRODUCER);
  message(prefix, 8, (writer) => writer.uint32(key(2, VARINT)).int64(OPSET));
  prefix.uint32(key(7, LENGTH_DELIMITED)).uint32(graphLength);
  return { prefix: prefix.finish(), structure, tensors };
}

function* rawValues(initializer: Initializer): Generator<Uint8Array> {
  let left = valueBytes(initializer);
  for (const piece of initializer.values()) {
    left -= piece.byteLength;
    if (left < 0) break;
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
  if (left !== 0) {
    const found = elementCount(initializer.dims) - left / ELEMENT[initializer.type].bytes;
    throw new Error(`initializer ${initializer.name}: expected ${elementCount(initializer.dims)} values, got ${found}`);
  }
}

function valueBytes({ dims, type }: Initializer): number {
  return elementCount(dims) * ELEMENT[type].bytes;
}

/** Of the graph's own file. */
function writtenBytes(initializer: Initializer): number {
  return initializer.stored ? 0 : valueBytes(initializer);
}

/**
 * Everything of an initializer before its values: the graph's field, its length, dims, type, name, and the values'
 * length or where they are stored.
 */
function tensorHeader(initializer: Initializer): Uint8Array {
  const inner = protobuf.Writer.create();
  for (const size of initializer.dims) inner.uint32(key(1, VARINT)).int64(size);
  inner.uint32(key(2, VARINT)).int32(ELEMENT[initializer.type].type);
  inner.uint32(key(8, LENGTH_DELIMITED)).string(initializer.name);
  if (initializer.stored) {
    const { file, offset } = initializer.stored;
    for (const entry of Object.entries({ location: file, offset, length: valueBytes(initializer) })) {
      message(inner, 13, (writer) => encodeEntry(writer, entry));
    }
    inner.uint32(key(14, VARINT)).int32(EXTERNAL);
  } else {
    inner.uint32(key(9, LENGTH_DELIMITED)).uint32(valueBytes(initializer));
  }
  const fields = inner.finish();
  const outer = protobuf.Writer.create();
  outer.uint32(key(5, LENGTH_DELIMITED)).uint32(fields.length + writtenBytes(initializer));
  return Buffer.concat([outer.finish(), fields]);
}

function encodeEntry(writer: Writer, [name, value]: readonly [string, string | number]): void {
  writer.uint32(key(1, LENGTH_DELIMITED)).string(name);
  writer.uint32(key(2, LENGTH_DELIMITED)).string(String(value));
}

function encodeNode(writer: Writer, node: Node): void {
  for (const input of node.inputs) writer.uint32(key(1, LENGTH_DELIMITED)).string(input);
  writer.uint32(key(2, LENGTH_DELIMITED)).string(node.output);
  writer.uint32(key(3, LENGTH_DELIMITED)).string(node.output);
  writer.uint32(key(4, LENGTH_DELIMITED)).string(node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, (inner) => encodeAttribute(inner, name, value));
  }
}

function encodeAttribute(writer: Writer, name: string, value: Attribute): void {
  writer.uint32(key(1, LENGTH_DELIMITED)).string(name);
  let type: number;
  if (typeof value === 'number') {
    writer.uint32(key(3, VARINT)).int64(value);
    type = ATTRIBUTE.int;
  } else if (typeof value === 'string') {
    writer.uint32(key(4, LENGTH_DELIMITED)).string(value);
    type = ATTRIBUTE.string;
  } else if ('float' in value) {
    writer.uint32(key(2, FIXED32)).float(value.float);
    type = ATTRIBUTE.float;
  } else {
    for (const item of value) writer.uint32(key(8, VARINT)).int64(item);
    type = ATTRIBUTE.ints;
  }
  writer.uint32(key(20, VARINT)).int32(type);
}

/** All values at a graph's edge are float32 tensors here. */
function encodeValueInfo(writer: Writer, value: ValueInfo): void {
  writer.uint32(key(1, LENGTH_DELIMITED)).string(value.name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.uint32(key(1, VARINT)).int32(ELEMENT.float32.type);
      message(tensor, 2, (shape) => {
        for (const size of value.shape) {
          message(shape, 1, (dimension) => {
            if (typeof size === 'number') dimension.uint32(key(1, VARINT)).int64(size);
            else dimension.uint32(key(2, LENGTH_DELIMITED)).string(size);
          });
        }
      });
    }),
  );
}

function message(writer: Writer, field: number, encode: (inner: Writer) => void): void {
  writer.uint32(key(field, LENGTH_DELIMITED)).fork();
  encode(writer);
  writer.ldelim();
}

function key(field: number, wireType: number): number {
  return (field << 3) | wireType;
}
