import { type ModelSpec, readModelSpec, writeModelSpec } from './model-spec.js';
import { readTensorProto, type TensorProto, writeTensorProto } from './tensor-proto.js';
import {
  BYTES,
  newReader,
  newWriter,
  type Reader,
  readFields,
  readMapEntry,
  readString,
  tag,
  WireError,
  writeMap,
  writeMessage,
} from './wire.js';

/** `tensorflow.serving.PredictRequest`. */
export interface PredictRequest {
  modelSpec?: ModelSpec;
  inputs: ReadonlyMap<string, TensorProto>;
  outputFilter: readonly string[];
}

/** `tensorflow.serving.PredictResponse`. */
export interface PredictResponse {
  outputs: ReadonlyMap<string, TensorProto>;
  modelSpec?: ModelSpec;
}

/** No model has so many inputs or outputs; more is an attack. */
const MAX_NAMES = 256;

/** @throws WireError, or protobufjs' error, when the bytes are not such a message. */
export function decodePredictRequest(bytes: Uint8Array): PredictRequest {
  const inputs = new Map<string, TensorProto>();
  const outputFilter: string[] = [];
  let modelSpec: ModelSpec | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    switch (field) {
      case tag(1, BYTES):
        modelSpec = readModelSpec(reader, modelSpec);
        return true;
      case tag(2, BYTES):
        readTensorEntry(reader, inputs);
        return true;
      case tag(3, BYTES):
        if (outputFilter.length === MAX_NAMES) throw new WireError(`output_filter holds more than ${MAX_NAMES} names`);
        outputFilter.push(readString(reader));
        return true;
      default:
        return false;
    }
  });
  return { inputs, outputFilter, ...(modelSpec && { modelSpec }) };
}

export function encodePredictRequest(request: PredictRequest): Buffer {
  const writer = newWriter();
  if (request.modelSpec) writeMessage(writer, 1, request.modelSpec, writeModelSpec);
  writeMap(writer, 2, request.inputs, writeTensorProto);
  for (const name of request.outputFilter) writer.uint32(tag(3, BYTES)).string(name);
  return writer.finish() as Buffer;
}

/** @throws as decodePredictRequest. */
export function decodePredictResponse(bytes: Uint8Array): PredictResponse {
  const outputs = new Map<string, TensorProto>();
  let modelSpec: ModelSpec | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    switch (field) {
      case tag(1, BYTES):
        readTensorEntry(reader, outputs);
        return true;
      case tag(2, BYTES):
        modelSpec = readModelSpec(reader, modelSpec);
        return true;
      default:
        return false;
    }
  });
  return { outputs, ...(modelSpec && { modelSpec }) };
}

export function encodePredictResponse(response: PredictResponse): Buffer {
  const writer = newWriter();
  writeMap(writer, 1, response.outputs, writeTensorProto);
  if (response.modelSpec) writeMessage(writer, 2, response.modelSpec, writeModelSpec);
  return writer.finish() as Buffer;
}

function readTensorEntry(reader: Reader, into: Map<string, TensorProto>): void {
  const absent: TensorProto = { dtype: 0, shape: [] };
  readMapEntry(reader, into, { absent, read: readTensorProto, most: MAX_NAMES, what: 'named tensors' });
}
