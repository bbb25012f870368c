import { decodePredictRequest, encodePredictRequest, type PredictRequest } from './predict.js';
import { BYTES, newReader, newWriter, readFields, tag } from './wire.js';

/**
 * The request of a `tensorflow.serving.PredictionLog` that holds a `PredictLog`; nothing when it holds another log.
 * @throws WireError, or protobufjs' error, when the bytes are not such a message
 */
export function decodePredictionLog(bytes: Uint8Array): PredictRequest | undefined {
  const log = lastField(bytes, 6);
  const request = log && (lastField(log, 1) ?? new Uint8Array());
  return request && decodePredictRequest(request);
}

export function encodePredictionLog(request: PredictRequest): Uint8Array {
  const log = newWriter().uint32(tag(1, BYTES)).bytes(encodePredictRequest(request)).finish();
  return newWriter().uint32(tag(6, BYTES)).bytes(log).finish();
}

function lastField(bytes: Uint8Array, number: number): Uint8Array | undefined {
  let found: Uint8Array | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    if (field !== tag(number, BYTES)) return false;
    found = reader.bytes();
    return true;
  });
  return found;
}
