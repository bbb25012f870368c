import {
  type GetModelMetadataRequest,
  type GetModelMetadataResponse,
  getModelMetadataServerMethod,
  isMalformed,
  type MalformedRequest,
  type PredictRequest,
  type PredictResponse,
  predictServerMethod,
} from '@edgeslot/tensorflow-serving';
import {
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  setLogVerbosity,
} from '@grpc/grpc-js';
import type { DoorContext } from '../door-context.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import { portTaken } from '../port-taken.js';
import { getModelMetadata } from './get-model-metadata.js';
import { predict } from './predict.js';
import { grpcStatus } from './status.js';

// grpc-js writes its own lines to standard error, e.g. for a taken port that is reported here already.
if (!process.env.GRPC_VERBOSITY) setLogVerbosity(logVerbosity.NONE);

/** Calls at once on one connection. */
const MAX_STREAMS = 128;

/** The gRPC door. Methods that it does not have are answered UNIMPLEMENTED by grpc-js itself. */
export class GrpcDoor {
  readonly #context: DoorContext;
  readonly #server: Server;

  constructor(context: DoorContext) {
    this.#context = context;
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
      { Predict: this.#predict, GetModelMetadata: this.#getModelMetadata },
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

  readonly #predict = (
    call: ServerUnaryCall<PredictRequest | MalformedRequest, PredictResponse>,
    callback: sendUnaryData<PredictResponse>,
  ): void => {
    const start = performance.now();
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    const seconds = () => (performance.now() - start) / 1000;
    const { metrics } = this.#context;
    this.#answer(call, gone.signal).then(
      ({ response, reply }) => {
        metrics.call({ door: 'grpc', code: 'OK', seconds: seconds(), reply });
        callback(null, response);
      },
      (thrown: unknown) => {
        const error = this.#known('Predict', thrown);
        metrics.call({ door: 'grpc', code: error.code, seconds: seconds() });
        callback(grpcStatus(error));
      },
    );
  };

  async #answer(call: ServerUnaryCall<PredictRequest | MalformedRequest, PredictResponse>, signal: AbortSignal) {
    const request = wellFormed(call.request);
    return await predict({ request, deadline: this.#deadline(call.getDeadline()), signal }, this.#context);
  }

  /** Not in the metrics: those count frames. */
  readonly #getModelMetadata = (
    { request }: ServerUnaryCall<GetModelMetadataRequest | MalformedRequest, GetModelMetadataResponse>,
    callback: sendUnaryData<GetModelMetadataResponse>,
  ): void => {
    let response: GetModelMetadataResponse;
    try {
      response = getModelMetadata(wellFormed(request), this.#context);
    } catch (thrown) {
      callback(grpcStatus(this.#known('GetModelMetadata', thrown)));
      return;
    }
    callback(null, response);
  };

  #known(method: string, thrown: unknown): ScoringError {
    const error = asScoringError(thrown);
    if (error.code === 'INTERNAL') this.#context.log.error(`a ${method} call failed`, thrown);
    return error;
  }

  /** gRPC's wall-clock deadline on the monotonic clock; a call without one gets the configured time. */
  #deadline(deadline: Date | number): number {
    const left = Number(deadline) - Date.now();
    return performance.now() + (Number.isFinite(left) ? left : this.#context.settings.scoring.timeoutMs);
  }
}

function wellFormed<Request extends object>(request: Request | MalformedRequest): Request {
  if (isMalformed(request)) throw scoringError('REQUEST_MALFORMED', request.malformed);
  return request;
}
