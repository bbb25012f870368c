import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type CallOptions, Client, type ClientDuplexStream, credentials, type ServiceError } from '@grpc/grpc-js';
import type { Type } from 'protobufjs';

const require = createRequire(import.meta.url);
const text = require.resolve('@edgeslot/tensorflow-serving/proto/tensorflow_serving/apis/model_service.proto');
const protobuf = createRequire(text)('protobufjs') as typeof import('protobufjs');

/** The published .proto texts, read by protobufjs: it shares no codec with the door. */
const root = new protobuf.Root();
root.resolvePath = (_origin, target) =>
  target.startsWith('google/protobuf/') ? target : join(text, '../../..', target);
root.loadSync([
  ...['prediction_service', 'model_service'].map((name) => `tensorflow_serving/apis/${name}.proto`),
  ...['health/v1/health', 'reflection/v1/reflection', 'reflection/v1alpha/reflection'].map(
    (name) => `grpc/${name}.proto`,
  ),
]);
root.resolveAll();

/** A reply as JSON: enums by name, 64-bit numbers as strings, bytes as base64. */
export type Json = Readonly<Record<string, unknown>>;

export const PREDICTION_SERVICE = 'tensorflow.serving.PredictionService';
export const MODEL_SERVICE = 'tensorflow.serving.ModelService';

/** A client of the door's services, by their full names, that shares nothing with the door. */
export class StockClient {
  readonly #client: Client;

  constructor(readonly port: number) {
    // Connections of its own: grpc-js shares them between clients of an address otherwise.
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  /** Rejects with grpc-js' ServiceError. */
  call(service: string, name: string, request: object, options = {}): Promise<Json> {
    return this.send(service, name, this.encode(service, name, request), options);
  }

  encode(service: string, name: string, request: object): Buffer {
    const type = methodOf(service, name).resolvedRequestType!;
    return Buffer.from(type.encode(type.fromObject(request)).finish());
  }

  /** Sends a body as it is. */
  send(service: string, name: string, body: Buffer, options: CallOptions = {}): Promise<Json> {
    const type = methodOf(service, name).resolvedResponseType!;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        pathOf(service, name),
        (bytes: Buffer) => bytes,
        (bytes) => toJson(type, bytes),
        body,
        options,
        (error, reply) => (error ? reject(error) : resolve(reply!)),
      );
    });
  }

  /** A method that streams; what is written are requests, what is read are replies as JSON. */
  stream(service: string, name: string): ClientDuplexStream<object, Json> {
    const type = methodOf(service, name).resolvedResponseType!;
    return this.#client.makeBidiStreamRequest(
      pathOf(service, name),
      (request: object) => this.encode(service, name, request),
      (bytes) => toJson(type, bytes),
    );
  }

  /** A stream of bytes as they are. */
  raw(path: string): ClientDuplexStream<Buffer, Buffer> {
    const asIs = (bytes: Buffer) => bytes;
    return this.#client.makeBidiStreamRequest(path, asIs, asIs);
  }

  close(): void {
    this.#client.close();
  }
}

export async function refusal(answer: Promise<unknown>): Promise<ServiceError> {
  return await answer.then(
    (reply) => {
      throw new Error(`was answered: ${JSON.stringify(reply)}`);
    },
    (error: ServiceError) => error,
  );
}

function methodOf(service: string, name: string) {
  const method = root.lookupService(service).methods[name];
  if (!method) throw new Error(`${service} has no method ${name}`);
  return method;
}

function pathOf(service: string, name: string): string {
  return `/${service}/${name}`;
}

function toJson(type: Type, bytes: Buffer): Json {
  return type.toObject(type.decode(bytes), { enums: String, longs: String, bytes: String, defaults: true });
}
