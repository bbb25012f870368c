import { type ModelServerConfig, readModelServerConfig, writeModelServerConfig } from './model-server-config.js';
import { OK_STATUS, readStatus, type StatusProto, writeStatus } from './status-proto.js';
import { BYTES, newReader, newWriter, readEnd, readFields, tag, writeMessage } from './wire.js';

/** `tensorflow.serving.ReloadConfigRequest`, without the names of metrics to tell. */
export interface ReloadConfigRequest {
  config?: ModelServerConfig;
}

/** `tensorflow.serving.ReloadConfigResponse`, without metrics. */
export interface ReloadConfigResponse {
  readonly status: StatusProto;
}

/** @throws WireError, or protobufjs' error, when the bytes are not such a message. */
export function decodeReloadConfigRequest(bytes: Uint8Array): ReloadConfigRequest {
  let config: ModelServerConfig | undefined;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    if (field !== tag(1, BYTES)) return false;
    config = readModelServerConfig(reader, config);
    return true;
  });
  return config ? { config } : {};
}

export function encodeReloadConfigRequest({ config }: ReloadConfigRequest): Buffer {
  const writer = newWriter();
  if (config) writeMessage(writer, 1, config, writeModelServerConfig);
  return writer.finish() as Buffer;
}

/** @throws as decodeReloadConfigRequest. */
export function decodeReloadConfigResponse(bytes: Uint8Array): ReloadConfigResponse {
  let status = OK_STATUS;
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    if (field !== tag(1, BYTES)) return false;
    status = readStatus(reader, readEnd(reader));
    return true;
  });
  return { status };
}

export function encodeReloadConfigResponse({ status }: ReloadConfigResponse): Buffer {
  const writer = newWriter();
  writeMessage(writer, 1, status, writeStatus);
  return writer.finish() as Buffer;
}
