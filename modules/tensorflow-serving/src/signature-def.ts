import { type Any, packAny } from './any.js';
import { writeShape } from './tensor-proto.js';
import { BYTES, newWriter, tag, VARINT, type Writer, writeMap, writeMessage } from './wire.js';

/** `tensorflow.TensorInfo` of a dense tensor. */
export interface TensorInfo {
  /** In the graph, e.g. `Placeholder:0`. */
  readonly name: string;
  readonly dtype: number;
  /** -1 is an unknown size, as of the batch. */
  readonly shape: readonly number[];
}

/** `tensorflow.SignatureDef`; tensors are keyed by their aliases. */
export interface SignatureDef {
  readonly inputs: Iterable<readonly [alias: string, tensor: TensorInfo]>;
  readonly outputs: Iterable<readonly [alias: string, tensor: TensorInfo]>;
  /** e.g. `tensorflow/serving/predict` */
  readonly methodName: string;
}

/** `tensorflow.serving.SignatureDefMap`, packed as GetModelMetadata answers it. */
export function packSignatureDefMap(signatures: Iterable<readonly [key: string, signature: SignatureDef]>): Any {
  const writer = newWriter();
  writeMap(writer, 1, signatures, writeSignatureDef);
  return packAny('tensorflow.serving.SignatureDefMap', writer.finish());
}

function writeSignatureDef(writer: Writer, { inputs, outputs, methodName }: SignatureDef): void {
  writeMap(writer, 1, inputs, writeTensorInfo);
  writeMap(writer, 2, outputs, writeTensorInfo);
  if (methodName !== '') writer.uint32(tag(3, BYTES)).string(methodName);
}

function writeTensorInfo(writer: Writer, { name, dtype, shape }: TensorInfo): void {
  writer.uint32(tag(1, BYTES)).string(name);
  if (dtype !== 0) writer.uint32(tag(2, VARINT)).int32(dtype);
  writeMessage(writer, 3, shape, writeShape);
}
