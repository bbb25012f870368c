import { type Any, readAny, writeAny } from './any.js';
import { type ModelSpec, readModelSpec, writeModelSpec } from './model-spec.js';
import {
  BYTES,
  newReader,
  newWriter,
  readFields,
  readMapEntry,
  readString,
  tag,
  WireError,
  writeMap,
  writeMessage,
} from './wire.js';

export type { Any } from './any.js';

/** `tensorflow.serving.GetModelMetadataRequest`. */
export interface GetModelMetadataRequest {
  modelSpec?: ModelSpec;
  metadataField: readonly string[];
}

/** `tensorflow.serving.GetModelMetadataResponse`; metadata are keyed by the fields that were asked for. */
export interface GetModelMetadataResponse {
  modelSpec?: ModelSpec;
  metadata: ReadonlyMap<string, Any>;
}

/** TensorFlow Serving knows one field, this server two; more is an attack. */
const MAX_FIELDS = 256;

/** @throws WireError, or protobufjs' error, when the bytes are not such a message. */
export function decodeGetModelMetadataRequest(bytes: Uint8Array): GetModelMetadataRequest {
  const metadataField: string[] = [];
  let modelSpec: ModelSpec | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    switch (field) {
      case tag(1, BYTES):
        modelSpec = readModelSpec(reader, modelSpec);
        return true;
      case tag(2, BYTES):
        if (metadataField.length === MAX_FIELDS) {
          throw new WireError(`metadata_field holds more than ${MAX_FIELDS} names`);
        }
        metadataField.push(readString(reader));
        return true;
      default:
        return false;
    }
  });
  return { metadataField, ...(modelSpec && { modelSpec }) };
}

export function encodeGetModelMetadataRequest(request: GetModelMetadataRequest): Buffer {
  const writer = newWriter();
  if (request.modelSpec) writeMessage(writer, 1, request.modelSpec, writeModelSpec);
  for (const name of request.metadataField) writer.uint32(tag(2, BYTES)).string(name);
  return writer.finish() as Buffer;
}

/** @throws as decodeGetModelMetadataRequest. */
export function decodeGetModelMetadataResponse(bytes: Uint8Array): GetModelMetadataResponse {
  const metadata = new Map<string, Any>();
  let modelSpec: ModelSpec | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    switch (field) {
      case tag(1, BYTES):
        modelSpec = readModelSpec(reader, modelSpec);
        return true;
      case tag(2, BYTES):
        readMapEntry(reader, metadata, {
          absent: { typeUrl: '', value: new Uint8Array() },
          read: readAny,
          most: MAX_FIELDS,
          what: 'metadata',
        });
        return true;
      default:
        return false;
    }
  });
  return { metadata, ...(modelSpec && { modelSpec }) };
}

export function encodeGetModelMetadataResponse(response: GetModelMetadataResponse): Buffer {
  const writer = newWriter();
  if (response.modelSpec) writeMessage(writer, 1, response.modelSpec, writeModelSpec);
  writeMap(writer, 2, response.metadata, writeAny);
  return writer.finish() as Buffer;
}
