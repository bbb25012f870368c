import { type ModelSpec, readModelSpec, writeModelSpec } from './model-spec.js';
import { OK_STATUS, readStatus, type StatusProto, writeStatus } from './status-proto.js';
import {
  BYTES,
  newReader,
  newWriter,
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

/** States of a model's version by their public numbers (`get_model_status.proto`). */
export const ModelState = { UNKNOWN: 0, START: 10, LOADING: 20, AVAILABLE: 30, UNLOADING: 40, END: 50 } as const;

/** `tensorflow.serving.GetModelStatusRequest`. */
export interface GetModelStatusRequest {
  modelSpec?: ModelSpec;
}

/** `tensorflow.serving.ModelVersionStatus`. */
export interface ModelVersionStatus {
  readonly version: number;
  /** A number of ModelState. */
  readonly state: number;
  readonly status: StatusProto;
}

/** `tensorflow.serving.GetModelStatusResponse`. */
export interface GetModelStatusResponse {
  readonly modelVersionStatus: readonly ModelVersionStatus[];
}

/** More versions than any server keeps in mind. */
const MAX_VERSIONS = 4096;

/** @throws WireError, or protobufjs' error, when the bytes are not such a message. */
export function decodeGetModelStatusRequest(bytes: Uint8Array): GetModelStatusRequest {
  let modelSpec: ModelSpec | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    if (field !== tag(1, BYTES)) return false;
    modelSpec = readModelSpec(reader, modelSpec);
    return true;
  });
  return modelSpec ? { modelSpec } : {};
}

export function encodeGetModelStatusRequest({ modelSpec }: GetModelStatusRequest): Buffer {
  const writer = newWriter();
  if (modelSpec) writeMessage(writer, 1, modelSpec, writeModelSpec);
  return writer.finish() as Buffer;
}

/** @throws as decodeGetModelStatusRequest. */
export function decodeGetModelStatusResponse(bytes: Uint8Array): GetModelStatusResponse {
  const modelVersionStatus: ModelVersionStatus[] = [];
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    if (field !== tag(1, BYTES)) return false;
    if (modelVersionStatus.length === MAX_VERSIONS) throw new WireError(`more than ${MAX_VERSIONS} versions`);
    modelVersionStatus.push(readVersionStatus(reader, readEnd(reader)));
    return true;
  });
  return { modelVersionStatus };
}

export function encodeGetModelStatusResponse({ modelVersionStatus }: GetModelStatusResponse): Buffer {
  const writer = newWriter();
  for (const one of modelVersionStatus) writeMessage(writer, 1, one, writeVersionStatus);
  return writer.finish() as Buffer;
}

function readVersionStatus(reader: Reader, end: number): ModelVersionStatus {
  let [version, state]: number[] = [0, ModelState.UNKNOWN];
  let status = OK_STATUS;
  readFields(reader, end, (field) => {
    switch (field) {
      case tag(1, VARINT):
        version = readInt64(reader);
        return true;
      case tag(2, VARINT):
        state = reader.int32();
        return true;
      case tag(3, BYTES):
        status = readStatus(reader, readEnd(reader));
        return true;
      default:
        return false;
    }
  });
  return { version: version!, state: state!, status };
}

function writeVersionStatus(writer: Writer, { version, state, status }: ModelVersionStatus): void {
  if (version !== 0) writer.uint32(tag(1, VARINT)).int64(version);
  if (state !== 0) writer.uint32(tag(2, VARINT)).int32(state);
  writeMessage(writer, 3, status, writeStatus);
}
