import { Worker } from 'node:worker_threads';
import { reviveScoringError, type ScoringError, scoringError } from '../errors.js';
import type { FrameInput, FrameOutput } from './device.js';
import type { LaneMessage, LaneRequest, LaneStart } from './lane-messages.js';

interface Waiting {
  readonly resolve: (output: FrameOutput) => void;
  readonly reject: (error: ScoringError) => void;
}

export interface LaneOptions {
  readonly start: LaneStart;
  /** The worker's script; `lane-worker.js`. */
  readonly worker?: URL | undefined;
  /** Milliseconds in which the worker must have loaded the model. */
  readonly loadTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once when a loaded lane dies by itself; whatever was in flight has been rejected. */
  readonly onLost: (error: ScoringError) => void;
}

/**
 * One worker thread that holds one model. It is disposable: `stop` ends the thread, and the model's memory goes with it,
 * which releasing a session inside a living thread does not achieve.
 */
export class Lane {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onLost: (error: ScoringError) => void;
  #nextId = 1;
  #state: 'loading' | 'ready' | 'stopped' = 'loading';
  #failure = '';

  private constructor(options: LaneOptions) {
    this.#onLost = options.onLost;
    this.#worker = new Worker(options.worker ?? new URL('./lane-worker.js', import.meta.url), {
      workerData: options.start,
      execArgv: [],
      name: 'lane',
    });
    this.#worker.on('error', (error) => {
      this.#failure = error instanceof Error ? error.message : String(error);
    });
  }

  /** @throws ScoringError PACKAGE_GRAPH, DEVICE_LOST (the worker died or took too long), CANCELLED */
  static async start(options: LaneOptions): Promise<Lane> {
    if (options.signal?.aborted) throw scoringError('CANCELLED');
    const lane = new Lane(options);
    try {
      await lane.#loaded(options);
      return lane;
    } catch (error) {
      await lane.stop();
      throw error;
    }
  }

  get ready(): boolean {
    return this.#state === 'ready';
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  /** Runs one frame; the input is copied, the caller keeps its own. */
  score(input: FrameInput): Promise<FrameOutput> {
    if (this.#state !== 'ready') return Promise.reject(scoringError('DEVICE_EMPTY'));
    const id = this.#nextId++;
    const [copy, buffers] = copyInput(input);
    const request: LaneRequest = { id, input: copy };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage(request, buffers);
    });
  }

  /** Ends the worker; what is in flight is rejected. Idempotent. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#worker.terminate();
    this.#rejectAll(scoringError('DEVICE_LOST', 'the model was unloaded'));
  }

  #loaded({ loadTimeoutMs, signal }: LaneOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => done(scoringError('CANCELLED'));
      const timer = setTimeout(
        () => done(scoringError('DEVICE_LOST', `loading took more than ${loadTimeoutMs} ms`)),
        loadTimeoutMs,
      );
      const done = (error?: ScoringError) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (error) return reject(error);
        this.#state = 'ready';
        resolve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#worker.on('message', (message: LaneMessage) => {
        if (message.type === 'ready') done();
        else if (message.type === 'refused') done(reviveScoringError(message.error));
        else this.#settle(message);
      });
      this.#worker.once('exit', (code) => {
        const error = scoringError('DEVICE_LOST', this.#failure || `the lane's worker ended with code ${code}`);
        done(error);
        this.#lost(error);
      });
    });
  }

  #settle(message: Extract<LaneMessage, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'scored') waiting?.resolve(message.output);
    else waiting?.reject(reviveScoringError(message.error));
  }

  #lost(error: ScoringError): void {
    const wasReady = this.#state === 'ready';
    if (wasReady) this.#state = 'stopped';
    this.#rejectAll(error);
    if (wasReady) this.#onLost(error);
  }

  #rejectAll(error: ScoringError): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

/** Copies into buffers of their own and hands those over: a view would drag its whole underlying buffer along. */
function copyInput(input: FrameInput): [FrameInput, ArrayBuffer[]] {
  if (input.kind === 'tensor') {
    const data = new Float32Array(input.data);
    return [{ kind: 'tensor', shape: input.shape, data }, [data.buffer]];
  }
  const images = input.images.map((image) => new Uint8Array(image));
  return [{ kind: 'images', images }, images.map((image) => image.buffer)];
}
