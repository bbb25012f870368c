import { Worker } from 'node:worker_threads';
import { reviveScoringError, type ScoringError, scoringError } from '../errors.js';
import { within } from '../within.js';
import type { FrameInput, FrameOutput } from './device.js';
import type { LaneMessage, LaneRequest, LaneStart } from './lane-messages.js';
import { ONNXRUNTIME_THREAD, quietOnnxruntime } from './onnxruntime-thread.js';

/** A thread that is in native code ends when that returns; nothing waits for it any longer than this. */
const STOP_TIMEOUT_MS = 4000;
/** Far beyond what the slowest model takes for one picture on the slowest host. */
const PICTURE_TIMEOUT_MS = 15_000;

interface Waiting {
  readonly pictures: number;
  readonly resolve: (output: FrameOutput) => void;
  readonly reject: (error: ScoringError) => void;
}

export interface LaneOptions {
  readonly start: LaneStart;
  /** The worker's script; `lane-worker.js`. */
  readonly worker?: URL | undefined;
  /** Milliseconds in which the worker must have loaded the model. */
  readonly loadTimeoutMs: number;
  /** Milliseconds for one picture; a worker that takes longer is given up as lost. Default 15,000. */
  readonly pictureTimeoutMs?: number | undefined;
  /** Milliseconds in which a worker must have ended that is told to. Default 4,000. */
  readonly stopTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once when a loaded lane dies by itself; whatever was in flight has been rejected. */
  readonly onLost: (error: ScoringError) => void;
}

/**
 * One worker thread that holds one model. It is disposable: `stop` ends the thread, and the model's memory goes with it,
 * which releasing a session inside a living thread does not achieve.
 *
 * The thread ends itself when it is told to. Terminating it while onnxruntime-node makes a session or runs one throws a
 * C++ exception there that nobody catches, and that ends the whole process.
 */
export class Lane {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onLost: (error: ScoringError) => void;
  readonly #pictureTimeoutMs: number;
  readonly #stopTimeoutMs: number;
  readonly #exited: Promise<void>;
  #watch: NodeJS.Timeout | undefined;
  #nextId = 1;
  #state: 'loading' | 'ready' | 'stopped' = 'loading';
  #failure = '';

  private constructor(options: LaneOptions) {
    this.#onLost = options.onLost;
    this.#pictureTimeoutMs = options.pictureTimeoutMs ?? PICTURE_TIMEOUT_MS;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? STOP_TIMEOUT_MS;
    quietOnnxruntime();
    this.#worker = new Worker(options.worker ?? new URL('./lane-worker.js', import.meta.url), {
      workerData: options.start,
      execArgv: [],
      name: 'lane',
      resourceLimits: ONNXRUNTIME_THREAD,
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
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
    const request: LaneRequest = { type: 'score', id, input: copy };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { pictures: picturesOf(input), resolve, reject });
      if (this.#waiting.size === 1) this.#watchNext();
      this.#worker.postMessage(request, buffers);
    });
  }

  /** Rejects what is in flight and ends the worker; one that does not end in time is left behind. Idempotent. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#rejectAll(scoringError('DEVICE_LOST', 'the model was unloaded'));
    this.#worker.postMessage({ type: 'stop' } satisfies LaneRequest);
    await within(this.#exited, this.#stopTimeoutMs, () => this.#worker.unref());
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
        if (message.type === 'refused') done(reviveScoringError(message.error));
        else if (message.type !== 'ready') this.#settle(message);
        // One that comes while the lane is being stopped is too late.
        else if (this.#state === 'loading') done();
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
    this.#watchNext();
    if (message.type === 'scored') waiting?.resolve(message.output);
    else waiting?.reject(reviveScoringError(message.error));
  }

  /** The worker takes one call after the other, so the oldest is the one that it is at. */
  #watchNext(): void {
    clearTimeout(this.#watch);
    const [oldest] = this.#waiting.values();
    if (!oldest) return;
    const bound = this.#pictureTimeoutMs * Math.max(1, oldest.pictures);
    this.#watch = setTimeout(() => this.#lost(scoringError('DEVICE_LOST', `no answer within ${bound} ms`)), bound);
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
    clearTimeout(this.#watch);
    for (const { reject } of waiting) reject(error);
  }
}

function picturesOf(input: FrameInput): number {
  return input.kind === 'images' ? input.images.length : (input.shape[0] ?? 0);
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
