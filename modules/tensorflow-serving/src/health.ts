import { serverMethod } from './server-method.js';
import { BYTES, newReader, newWriter, readFields, readString, tag, VARINT, type Writer, writeMap } from './wire.js';

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`. */
export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;

/** `grpc.health.v1.HealthCheckRequest`. */
export interface HealthCheckRequest {
  /** Empty for the server as a whole. */
  readonly service: string;
}

/** `grpc.health.v1.HealthCheckResponse`. */
export interface HealthCheckResponse {
  /** A number of ServingStatus. */
  readonly status: number;
}

/** `grpc.health.v1.HealthListResponse`. */
export interface HealthListResponse {
  readonly statuses: ReadonlyMap<string, HealthCheckResponse>;
}

const service = 'grpc.health.v1.Health';
const request = { encode: encodeRequest, decode: decodeRequest };
const response = { encode: encodeResponse };

/** `grpc.health.v1.Health` for a server, in the shape that grpc-js takes. */
export const healthServerMethods = {
  Check: serverMethod({ service, name: 'Check', request, response }),
  List: serverMethod({
    service,
    name: 'List',
    request: { encode: () => Buffer.alloc(0), decode: decodeRequest },
    response: { encode: encodeList },
  }),
  Watch: serverMethod({ service, name: 'Watch', request, response, responseStream: true }),
} as const;

function decodeRequest(bytes: Uint8Array): HealthCheckRequest {
  let name = '';
  const reader = newReader(bytes);
  readFields(reader, reader.len, (field) => {
    if (field !== tag(1, BYTES)) return false;
    name = readString(reader);
    return true;
  });
  return { service: name };
}

function encodeRequest({ service: name }: HealthCheckRequest): Buffer {
  const writer = newWriter();
  if (name !== '') writer.uint32(tag(1, BYTES)).string(name);
  return writer.finish() as Buffer;
}

function encodeResponse(message: HealthCheckResponse): Buffer {
  const writer = newWriter();
  writeResponse(writer, message);
  return writer.finish() as Buffer;
}

function encodeList({ statuses }: HealthListResponse): Buffer {
  const writer = newWriter();
  writeMap(writer, 1, statuses, writeResponse);
  return writer.finish() as Buffer;
}

function writeResponse(writer: Writer, { status }: HealthCheckResponse): void {
  if (status !== 0) writer.uint32(tag(1, VARINT)).int32(status);
}
