import type { CameraConfig } from './config/camera-config.js';
import type { FrameCounters, FrameMessage } from './frame-message.js';
import { MAX_IN_FLIGHT, type PostRequest, type PostResult } from './poster.js';
import { RateClock, seededRandom } from './rate-clock.js';
import type { FrameSource } from './source/frame-source.js';
import { makeSource } from './source/make-source.js';

export interface CameraOptions {
  readonly config: CameraConfig;
  readonly poster: { post(request: PostRequest): Promise<PostResult> };
  /** Called once for each frame, when it is known what became of it. */
  readonly onFrame: (message: FrameMessage) => void;
  readonly makeSource?: typeof makeSource;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

const STOPPING = 'the camera is stopping';

/**
 * A camera that posts frames at a rate. Like a real one it does not wait: while a frame is on its way, one more is kept,
 * and a newer one takes its place; while the server asks for a pause, frames are given up. All are counted.
 */
export class Camera {
  #config: CameraConfig;
  #source: FrameSource;
  readonly #clock: RateClock;
  readonly #now: () => number;
  readonly #abort = new AbortController();
  readonly #active = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #pending: number | undefined;
  #pauseUntil = Number.NEGATIVE_INFINITY;
  #pauseReason = '';
  #posted = 0;
  #scored = 0;
  #dropped = 0;
  #failed = 0;

  constructor(private readonly options: CameraOptions) {
    this.#config = options.config;
    this.#source = (options.makeSource ?? makeSource)(options.config.source);
    this.#now = options.now ?? (() => performance.now());
    this.#clock = new RateClock(seededRandom(hash(options.config.camera)), this.#now);
  }

  get counters(): FrameCounters {
    const inFlight = this.#active.size + (this.#pending === undefined ? 0 : 1);
    return { posted: this.#posted, scored: this.#scored, dropped: this.#dropped, failed: this.#failed, inFlight };
  }

  get config(): CameraConfig {
    return this.#config;
  }

  /** From the next frame on; the frames' numbers go on. */
  configure(config: CameraConfig): void {
    const before = this.#config;
    this.#config = config;
    if (JSON.stringify(before.source) !== JSON.stringify(config.source))
      this.#source = (this.options.makeSource ?? makeSource)(config.source);
    if (before.target !== config.target) this.#pauseUntil = Number.NEGATIVE_INFINITY;
    if (this.#running && before.rate !== config.rate) this.#schedule();
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#schedule();
  }

  /**
   * Takes no new frame and sends none that was not sent, lets those under way end within the bound, then cuts them off;
   * all end up counted.
   */
  async stop(boundMs = 3000): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    if (this.#pending !== undefined) this.#drop(this.#takePending()!, STOPPING);
    const cut = setTimeout(() => this.#abort.abort(), boundMs);
    while (this.#active.size > 0) await Promise.all(this.#active);
    clearTimeout(cut);
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const delay = this.#clock.next(this.#config);
    if (delay === undefined) return;
    this.#timer = setTimeout(() => {
      this.#schedule();
      this.#offer(++this.#posted);
    }, delay);
  }

  #offer(frame: number): void {
    const older = this.#takePending();
    if (older !== undefined) this.#drop(older, 'replaced by a newer frame before it was sent', frame);
    if (this.#active.size < MAX_IN_FLIGHT) this.#begin(frame);
    else this.#pending = frame;
  }

  #begin(frame: number): void {
    if (this.#now() < this.#pauseUntil) {
      this.#drop(frame, `not sent: the server asked for a pause: ${this.#pauseReason}`);
      return;
    }
    const work: Promise<void> = this.#send(frame).then((end) => {
      this.#active.delete(work);
      end();
      const next = this.#takePending();
      if (next !== undefined) this.#begin(next);
    });
    this.#active.add(work);
  }

  /** Takes and posts a frame; what it returns counts it and tells of it, once it is no longer in flight. */
  async #send(frame: number): Promise<() => void> {
    const { target, camera, timeoutMs } = this.#config;
    const source = this.#source;
    const base = this.#base(frame, source);
    const { signal } = this.#abort;
    const picture = await source.take(frame).catch((error: Error) => error);
    if (picture instanceof Error) {
      return () => {
        this.#failed++;
        this.#tell({ ...base, status: 'failed', reason: picture.message });
      };
    }
    if (!this.#running) {
      return () => this.#tellDropped({ ...base, reason: STOPPING });
    }
    const start = this.#now();
    const result = await this.options.poster.post({ target, camera, picture, timeoutMs, signal });
    const latencyMs = Number((this.#now() - start).toFixed(1));
    return () => this.#count({ ...base, latencyMs }, result);
  }

  #count(base: FrameBase & { readonly latencyMs: number }, result: PostResult): void {
    if (result.outcome === 'scored') {
      this.#scored++;
      this.#tell({ ...base, status: 'scored', httpStatus: result.httpStatus, ...result.best });
      return;
    }
    const { reason, httpStatus } = result;
    const rest = { ...(httpStatus !== undefined && { httpStatus }), reason };
    if (result.outcome === 'busy') {
      this.#pauseUntil = this.#now() + result.waitMs;
      this.#pauseReason = reason;
      this.#tellDropped({ ...base, ...rest });
    } else if (result.disconnected && !this.#running) {
      // Camera and server are mostly stopped together, and the server was the faster one.
      this.#tellDropped({ ...base, reason: STOPPING });
    } else {
      this.#failed++;
      this.#tell({ ...base, status: 'failed', ...rest });
    }
  }

  #drop(frame: number, reason: string, newer?: number): void {
    // The newer frame is counted as posted but not yet kept anywhere: it is in flight all the same.
    this.#tellDropped({ ...this.#base(frame, this.#source), reason }, newer === undefined ? 0 : 1);
  }

  #tellDropped(message: Omit<FrameMessage, 'counters' | 'status'>, offered = 0): void {
    this.#dropped++;
    this.#tell({ ...message, status: 'dropped' }, offered);
  }

  #base(frame: number, source: FrameSource): FrameBase {
    const seed = source.seedOf(frame);
    return { camera: this.#config.camera, frame, ...(seed !== undefined && { seed }) };
  }

  #tell(message: Omit<FrameMessage, 'counters'>, offered = 0): void {
    const counters = this.counters;
    this.options.onFrame({ ...message, counters: { ...counters, inFlight: counters.inFlight + offered } });
  }

  #takePending(): number | undefined {
    const frame = this.#pending;
    this.#pending = undefined;
    return frame;
  }
}

type FrameBase = Pick<FrameMessage, 'camera' | 'frame' | 'seed'>;

/** FNV-1a: two cameras must not shake in step. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}
