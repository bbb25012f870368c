import type {
  Card,
  CardCounters,
  CardHealth,
  CardInfo,
  CardNetwork,
  CardRoleStatus,
  LoadOptions,
  LoadReport,
  RunOptions,
  RunReport,
} from './card.js';
import { DeviceError } from './device-error.js';
import type { NativeCard } from './native-card.js';

const LOAD_TIMEOUT_MS = 60_000;
const RUN_TIMEOUT_MS = 10_000;

let lastRequest = 0;

/** The addon's card with names for its requests, signals and defaults. */
export class BoundCard implements Card {
  readonly token: number;
  readonly info: CardInfo;
  readonly #native: NativeCard;
  #closed: Promise<void> | undefined;

  constructor(native: NativeCard) {
    this.#native = native;
    this.token = native.token();
    this.info = Object.freeze(native.info());
  }

  get capacity(): number {
    return this.info.slots;
  }

  get counters(): CardCounters {
    return this.#native.counters();
  }

  load(network: CardNetwork, { signal, timeoutMs = LOAD_TIMEOUT_MS }: LoadOptions = {}): Promise<LoadReport> {
    const { path, ...described } = network;
    const given = { ...described, path, manifest: JSON.stringify(described) };
    return this.#request(signal, (request) => this.#native.load(request, given, timeoutMs));
  }

  unload(): Promise<void> {
    return this.#request(undefined, (request) => this.#native.unload(request));
  }

  run(input: Float32Array, output: Float32Array, options: RunOptions = {}): Promise<RunReport> {
    const { signal, timeoutMs = RUN_TIMEOUT_MS } = options;
    return this.#request(signal, (request) => this.#native.run(request, input, output, timeoutMs));
  }

  loopback(input: Uint8Array, output: Uint8Array, options: RunOptions = {}): Promise<RunReport> {
    const { signal, timeoutMs = RUN_TIMEOUT_MS } = options;
    return this.#request(signal, (request) => this.#native.loopback(request, input, output, timeoutMs));
  }

  status(): Promise<CardRoleStatus> {
    return this.#request(undefined, (request) => this.#native.status(request));
  }

  health(): CardHealth {
    return this.#native.health();
  }

  reset(): Promise<void> {
    return this.#request(undefined, (request) => this.#native.reset(request));
  }

  close(): Promise<void> {
    this.#closed ??= this.#native.close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Not async where nothing can be given up: a promise fewer for each run. */
  #request<T>(signal: AbortSignal | undefined, begin: (request: number) => Promise<T>): Promise<T> {
    const request = ++lastRequest;
    return signal ? this.#abortable(signal, request, begin) : attempt(begin, request);
  }

  async #abortable<T>(signal: AbortSignal, request: number, begin: (request: number) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const abort = () => this.#native.cancel(request);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await begin(request);
    } catch (error) {
      throw signal.aborted && error instanceof DeviceError && error.status === 'CANCELLED' ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

/** A wrong argument rejects too. */
function attempt<T>(begin: (request: number) => Promise<T>, request: number): Promise<T> {
  try {
    return begin(request);
  } catch (error) {
    return Promise.reject(error);
  }
}
