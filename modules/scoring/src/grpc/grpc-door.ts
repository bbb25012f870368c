import {
  examplesServerMethods,
  getModelMetadataServerMethod,
  getModelStatusServerMethod,
  healthServerMethods,
  predictServerMethod,
  reflectionServerMethods,
  reloadConfigServerMethod,
} from '@edgeslot/tensorflow-serving';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { DoorContext } from '../door-context.js';
import { portTaken } from '../port-taken.js';
import { HealthService } from './health-service.js';
import { reflectionHandler } from './reflection-service.js';
import { modelService, predictionService } from './services.js';

// grpc-js writes its own lines to standard error, e.g. for a taken port that is reported here already.
if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);

/** Calls at once on one connection. */
const MAX_STREAMS = 128;

/**
 * The gRPC door: TensorFlow Serving's two services, health, reflection. Methods that it does not have are answered
 * UNIMPLEMENTED by grpc-js itself.
 */
export class GrpcDoor {
  readonly #server: Server;
  readonly #health: HealthService;

  constructor(context: DoorContext) {
    const server = new Server({
      'grpc.max_receive_message_length': context.maxMessageBytes,
      'grpc.max_send_message_length': -1,
      // Each may hold a message in memory.
      'grpc.max_concurrent_streams': MAX_STREAMS,
      // A peer that vanished without a word is noticed, and its connection closed.
      'grpc.keepalive_time_ms': 60_000,
      'grpc.keepalive_timeout_ms': 20_000,
    });
    this.#server = server;
    server.addService(
      { Predict: predictServerMethod, GetModelMetadata: getModelMetadataServerMethod, ...examplesServerMethods },
      predictionService(context),
    );
    server.addService(
      { GetModelStatus: getModelStatusServerMethod, HandleReloadConfigRequest: reloadConfigServerMethod },
      modelService(context),
    );
    this.#health = new HealthService(context);
    server.addService(healthServerMethods, this.#health.handlers);
    const ServerReflectionInfo = reflectionHandler(context);
    for (const method of reflectionServerMethods) {
      server.addService({ ServerReflectionInfo: method }, { ServerReflectionInfo });
    }
  }

  /** Binds and answers; returns the port. Rejects with PORT_TAKEN. */
  listen(host: string, port: number): Promise<number> {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(portTaken('gRPC port', address, error));
        else resolve(bound);
      });
    });
  }

  /** Takes no new calls, lets the ones in flight end within `graceMs`, then cuts them. */
  stop(graceMs: number): Promise<void> {
    this.#health.close();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
