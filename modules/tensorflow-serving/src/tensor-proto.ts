import { FloatCollector } from './float-collector.js';
import {
  BYTES,
  FIXED32,
  type Reader,
  readEnd,
  readFields,
  readInt64,
  tag,
  VARINT,
  WireError,
  type Writer,
  writeMessage,
} from './wire.js';

/** `tensorflow.TensorProto` as sent; `tensor-values.ts` gives its elements. Typed fields of other dtypes are not kept. */
export interface TensorProto {
  dtype: number;
  /** `undefined`: the sender declared the rank unknown. */
  shape: readonly number[] | undefined;
  floatVal?: Float32Array;
  stringVal?: readonly Uint8Array[];
  tensorContent?: Uint8Array;
}

/** TensorFlow's own bound (`TensorShape::MaxDimensions`). */
const MAX_RANK = 254;
/** A string costs two bytes on the wire and a hundred in memory. */
const MAX_STRINGS = 4096;

/** The bytes of the result lie in the reader's buffer: they live as long as the request. */
export function readTensorProto(reader: Reader, end: number): TensorProto {
  const tensor: TensorProto = { dtype: 0, shape: [] };
  const shape: ShapeParts = { dims: [], unknownRank: false };
  const floats = new FloatCollector();
  const strings: Uint8Array[] = [];
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, VARINT):
        tensor.dtype = reader.int32();
        return true;
      case tag(2, BYTES):
        readShape(reader, readEnd(reader), shape);
        return true;
      case tag(4, BYTES):
        tensor.tensorContent = reader.bytes();
        return true;
      case tag(5, BYTES):
        floats.addPacked(packedFloats(reader));
        return true;
      case tag(5, FIXED32):
        floats.add(reader.float());
        return true;
      case tag(8, BYTES):
        if (strings.length === MAX_STRINGS) throw new WireError(`string_val holds more than ${MAX_STRINGS} strings`);
        strings.push(reader.bytes());
        return true;
      default:
        return false;
    }
  });
  tensor.shape = shape.unknownRank ? undefined : shape.dims;
  const values = floats.finish();
  if (values.length > 0) tensor.floatVal = values;
  if (strings.length > 0) tensor.stringVal = strings;
  return tensor;
}

export function writeTensorProto(writer: Writer, tensor: TensorProto): void {
  if (tensor.dtype !== 0) writer.uint32(tag(1, VARINT)).int32(tensor.dtype);
  writeMessage(writer, 2, tensor.shape, writeShape);
  if (tensor.tensorContent?.length) writer.uint32(tag(4, BYTES)).bytes(tensor.tensorContent);
  if (tensor.floatVal?.length) writer.uint32(tag(5, BYTES)).bytes(bytesOf(tensor.floatVal));
  for (const value of tensor.stringVal ?? []) writer.uint32(tag(8, BYTES)).bytes(value);
}

/** `tensorflow.TensorShapeProto`; -1 is an unknown size, `undefined` an unknown rank. */
export function writeShape(writer: Writer, shape: readonly number[] | undefined): void {
  for (const size of shape ?? []) {
    writer.uint32(tag(2, BYTES)).fork();
    if (size !== 0) writer.uint32(tag(1, VARINT)).int64(size);
    writer.ldelim();
  }
  if (shape === undefined) writer.uint32(tag(3, VARINT)).bool(true);
}

/** The little-endian bytes of the floats, not copied (every platform that Node.js runs on is little endian but s390x). */
export function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

interface ShapeParts {
  readonly dims: number[];
  unknownRank: boolean;
}

function readShape(reader: Reader, end: number, shape: ShapeParts): void {
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(2, BYTES):
        if (shape.dims.length === MAX_RANK) throw new WireError(`tensor_shape has more than ${MAX_RANK} dimensions`);
        shape.dims.push(readDim(reader, readEnd(reader)));
        return true;
      case tag(3, VARINT):
        shape.unknownRank = reader.bool();
        return true;
      default:
        return false;
    }
  });
}

function readDim(reader: Reader, end: number): number {
  let size = 0;
  readFields(reader, end, (field) => {
    if (field !== tag(1, VARINT)) return false;
    size = readInt64(reader);
    return true;
  });
  return size;
}

function packedFloats(reader: Reader): Uint8Array {
  const bytes = reader.bytes();
  if (bytes.length % 4 !== 0)
    throw new WireError(`float_val is packed into ${bytes.length} bytes, not a multiple of 4`);
  return bytes;
}
