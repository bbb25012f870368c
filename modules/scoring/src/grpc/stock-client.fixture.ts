import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type CallOptions, Client, credentials, type ServiceError } from '@grpc/grpc-js';

const require = createRequire(import.meta.url);
const text = require.resolve('@edgeslot/tensorflow-serving/proto/tensorflow_serving/apis/model_service.proto');
const protobuf = createRequire(text)('protobufjs') as typeof import('protobufjs');

/** The published .proto texts, read by protobufjs: it shares no codec with the door. */
const root = new protobuf.Root();
root.resolvePath = (_origin, target) =>
  target.startsWith('google/protobuf/') ? target : join(text, '../../..', target);
root.loadSync(['prediction_service', 'model_service'].map((name) => `tensorflow_serving/apis/${name}.proto`));
root.resolveAll();

/** A reply as JSON: enums by name, 64-bit numbers as strings, bytes as base64. */
export type Json = Readonly<Record<string, unknown>>;

/** A client of TensorFlow Serving's two services that shares nothing with the door. */
export class StockClient {
  readonly #client: Client;

  constructor(port: number) {
    this.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  /** Rejects with grpc-js' ServiceError. */
  call(service: 'PredictionService' | 'ModelService', name: string, request: object, options = {}): Promise<Json> {
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
        `/tensorflow.serving.${service}/${name}`,
        (bytes: Buffer) => bytes,
        (bytes) => type.toObject(type.decode(bytes), { enums: String, longs: String, bytes: String, defaults: true }),
        body,
        options,
        (error, reply) => (error ? reject(error) : resolve(reply!)),
      );
    });
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
  const method = root.lookupService(`tensorflow.serving.${service}`).methods[name];
  if (!method) throw new Error(`${service} has no method ${name}`);
  return method;
}
