import {
  type GetModelMetadataRequest,
  type GetModelStatusRequest,
  getModelMetadataServerMethod,
  getModelStatusServerMethod,
  type MalformedRequest,
  type PredictRequest,
  type PredictResponse,
  predictServerMethod,
  type ReloadConfigRequest,
  reloadConfigServerMethod,
} from '@edgeslot/tensorflow-serving';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import type { DoorContext } from '../door-context.js';
import { asScoringError } from '../errors.js';
import { portTaken } from '../port-taken.js';
import { getModelMetadata } from './get-model-metadata.js';
import { getModelStatus } from './get-model-status.js';
import { predict } from './predict.js';
import { reloadConfig } from './reload-config.js';
import { type CallFacts, unaryHandler, wellFormed } from './unary-handler.js';

// grpc-js writes its own lines to standard error, e.g. for a taken port that is reported here already.
if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);

/** Calls at once on one connection. */
const MAX_STREAMS = 128;

/** The gRPC door. Methods that it does not have are answered UNIMPLEMENTED by grpc-js itself. */
export class GrpcDoor {
  readonly #server: Server;

  constructor(context: DoorContext) {
    this.#server = new Server({
      'grpc.max_receive_message_length': context.maxMessageBytes,
      'grpc.max_send_message_length': -1,
      // Each may hold a message in memory.
      'grpc.max_concurrent_streams': MAX_STREAMS,
      // A peer that vanished without a word is noticed, and its connection closed.
      'grpc.keepalive_time_ms': 60_000,
      'grpc.keepalive_timeout_ms': 20_000,
    });
    this.#server.addService(
      { Predict: predictServerMethod, GetModelMetadata: getModelMetadataServerMethod },
      predictionService(context),
    );
    this.#server.addService(
      { GetModelStatus: getModelStatusServerMethod, HandleReloadConfigRequest: reloadConfigServerMethod },
      modelService(context),
    );
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
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#server.forceShutdown(), graceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function predictionService(context: DoorContext) {
  return {
    Predict: unaryHandler('Predict', context, (request: PredictRequest | MalformedRequest, call) =>
      countedPredict(request, call, context),
    ),
    // Not in the metrics: those count frames.
    GetModelMetadata: unaryHandler('GetModelMetadata', context, (request: GetModelMetadataRequest | MalformedRequest) =>
      getModelMetadata(wellFormed(request), context),
    ),
  };
}

function modelService(context: DoorContext) {
  return {
    GetModelStatus: unaryHandler('GetModelStatus', context, (request: GetModelStatusRequest | MalformedRequest) =>
      getModelStatus(wellFormed(request), context),
    ),
    HandleReloadConfigRequest: unaryHandler(
      'HandleReloadConfigRequest',
      context,
      (request: ReloadConfigRequest | MalformedRequest) => reloadConfig(wellFormed(request), context),
    ),
  };
}

async function countedPredict(
  request: PredictRequest | MalformedRequest,
  { deadline, signal }: CallFacts,
  context: DoorContext,
): Promise<PredictResponse> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const left = deadline - Date.now();
  const timeout = Number.isFinite(left) ? left : context.settings.scoring.timeoutMs;
  try {
    const call = { request: wellFormed(request), deadline: start + timeout, signal };
    const { response, reply } = await predict(call, context);
    context.metrics.call({ door: 'grpc', code: 'OK', seconds: seconds(), reply });
    return response;
  } catch (thrown) {
    context.metrics.call({ door: 'grpc', code: asScoringError(thrown).code, seconds: seconds() });
    throw thrown;
  }
}
