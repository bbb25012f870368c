import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  isMalformed,
  type MalformedRequest,
  ServingStatus,
} from '@edgeslot/tensorflow-serving';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { DoorContext } from '../door-context.js';
import { scoringError } from '../errors.js';
import { grpcStatus } from './status.js';
import { unaryHandler, wellFormed } from './unary-handler.js';

/**
 * The server as a whole, and its services: as TensorFlow Serving names them (`model_servers/server.cc`, without a
 * package), and as probes and grpcurl's users do.
 */
const NAMES = ['PredictionService', 'ModelService'].flatMap((name) => [name, `tensorflow.serving.${name}`]);
const SERVICES: readonly string[] = ['', ...NAMES];
/** Each holds a stream open. */
const MAX_WATCHERS = 128;

type Request = HealthCheckRequest | MalformedRequest;
type WatchCall = ServerWritableStream<Request, HealthCheckResponse>;

/** `grpc.health.v1.Health`: every service has the status of the one slot. */
export class HealthService {
  readonly #readiness: DoorContext['readiness'];
  readonly #watching = new Map<WatchCall, (status: number) => void>();
  readonly handlers;
  #closed = false;

  constructor(context: DoorContext) {
    this.#readiness = context.readiness;
    this.handlers = {
      Check: unaryHandler('Check', context, (request: Request) => this.#check(wellFormed(request))),
      List: unaryHandler('List', context, (request: Request) => {
        wellFormed(request);
        return { statuses: new Map(SERVICES.map((name) => [name, { status: this.#status }])) };
      }),
      Watch: (call: WatchCall) => this.#watch(call),
    };
  }

  /** Ends every watch, which would keep a stop waiting: its last word is NOT_SERVING. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const [call, tell] of this.#watching) {
      tell(this.#status);
      call.end();
    }
  }

  get #status(): number {
    return this.#readiness.ready && !this.#closed ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  #check({ service }: HealthCheckRequest): HealthCheckResponse {
    if (!SERVICES.includes(service)) throw scoringError('HEALTH_SERVICE', service, NAMES.join(', '));
    return { status: this.#status };
  }

  /** By the protocol a watch of an unknown service is answered SERVICE_UNKNOWN and stays open: it may come yet. */
  #watch(call: WatchCall): void {
    const { request } = call;
    if (isMalformed(request)) {
      call.emit('error', grpcStatus(scoringError('REQUEST_MALFORMED', request.malformed)));
      return;
    }
    if (this.#watching.size === MAX_WATCHERS) {
      call.emit('error', grpcStatus(scoringError('TOO_MANY_STREAMS', 'Watch', MAX_WATCHERS)));
      return;
    }
    const known = SERVICES.includes(request.service);
    let told: number = known ? this.#status : ServingStatus.SERVICE_UNKNOWN;
    const tell = (status: number) => {
      if (!known || status === told) return;
      told = status;
      call.write({ status });
    };
    const unlisten = this.#readiness.onChange(() => tell(this.#status));
    this.#watching.set(call, tell);
    const leave = () => {
      unlisten();
      this.#watching.delete(call);
    };
    call.once('cancelled', leave).once('close', leave).once('finish', leave);
    call.write({ status: told });
  }
}
