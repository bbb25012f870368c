import { DataType } from './data-type.js';
import { bytesOf, type TensorProto } from './tensor-proto.js';

/** A tensor that says two different things of itself; the message names both. */
export class TensorParseError extends Error {
  override readonly name = 'TensorParseError';
}

export type TensorEncoding = 'auto' | 'float_val' | 'tensor_content';

/** `auto` writes `float_val` to this size, because some clients read nothing else, and the faster `tensor_content` above. */
const FLOAT_VAL_BYTES = 64 * 1024;

/** A float tensor to send; the data is not copied. */
export function floatTensor(
  shape: readonly number[],
  data: Float32Array,
  encoding: TensorEncoding = 'auto',
): TensorProto {
  const typed = encoding === 'float_val' || (encoding === 'auto' && data.byteLength <= FLOAT_VAL_BYTES);
  return typed
    ? { dtype: DataType.DT_FLOAT, shape, floatVal: data }
    : { dtype: DataType.DT_FLOAT, shape, tensorContent: bytesOf(data) };
}

/** A string tensor to send, of shape [N]. */
export function stringTensor(values: readonly Uint8Array[]): TensorProto {
  return { dtype: DataType.DT_STRING, shape: [values.length], stringVal: values };
}

/**
 * The number of elements that the shape announces.
 * @throws TensorParseError for an unknown rank, a negative dimension, or more than `limit` elements.
 */
export function elementCount(tensor: TensorProto, limit: number): number {
  if (tensor.shape === undefined) throw new TensorParseError('tensor_shape has unknown_rank; expected its dimensions');
  if (tensor.shape.some((size) => size < 0)) {
    throw new TensorParseError(`tensor_shape [${tensor.shape.join(',')}] has a negative dimension`);
  }
  // A zero makes the tensor empty, but the other dimensions must still multiply to something.
  const extent = tensor.shape.reduce((product, size) => product * Math.max(size, 1), 1);
  if (extent > limit) {
    throw new TensorParseError(
      `tensor_shape [${tensor.shape.join(',')}] has ${extent} elements; the limit is ${limit}`,
    );
  }
  return tensor.shape.includes(0) ? 0 : extent;
}

/**
 * The elements of a DT_FLOAT tensor, by the rules of `tensorflow::Tensor::FromProto`: a typed field shorter than the
 * shape is padded with its last element, an empty one means zeros, a surplus is ignored.
 */
export function floatValues(tensor: TensorProto, limit: number): Float32Array {
  const count = elementCount(tensor, limit);
  if (tensor.tensorContent?.length) return contentFloats(tensor.tensorContent, count);
  const values = tensor.floatVal ?? new Float32Array(0);
  if (values.length >= count) return values.subarray(0, count);
  const padded = new Float32Array(count);
  padded.set(values);
  const last = values.at(-1);
  if (last !== undefined) padded.fill(last, values.length);
  return padded;
}

/** The elements of a DT_STRING tensor, by the same rules; the bytes are not copied. */
export function stringValues(tensor: TensorProto, limit: number): readonly Uint8Array[] {
  const count = elementCount(tensor, limit);
  if (tensor.tensorContent?.length) {
    throw new TensorParseError('a string tensor in tensor_content; expected one entry of string_val per element');
  }
  const values = tensor.stringVal ?? [];
  if (values.length >= count) return values.slice(0, count);
  const filler = values.at(-1) ?? new Uint8Array(0);
  return [...values, ...Array.from({ length: count - values.length }, () => filler)];
}

function contentFloats(content: Uint8Array, count: number): Float32Array {
  if (content.length !== count * 4) {
    throw new TensorParseError(`tensor_content has ${content.length} bytes; the shape needs ${count * 4}`);
  }
  const values = new Float32Array(count);
  bytesOf(values).set(content);
  return values;
}
