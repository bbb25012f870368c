import { type ScoringError, scoringError } from '../errors.js';
import type { FrameInput, FrameOutput, FrameScorer } from './device.js';
import { Lane, type LaneOptions } from './lane.js';

export interface LaneSetOptions extends Omit<LaneOptions, 'signal' | 'onLost'> {
  readonly lanes: number;
  readonly signal: AbortSignal;
  /** Called once when a lane dies by itself; the others are being stopped. */
  readonly onLost: (error: ScoringError, lanes: LaneSet) => void;
}

/** The lanes of one model: all of them, or none. */
export class LaneSet implements FrameScorer {
  readonly #lanes: Lane[] = [];
  readonly #onLost: LaneSetOptions['onLost'];
  #dead = false;

  private constructor({ onLost }: LaneSetOptions) {
    this.#onLost = onLost;
  }

  /** @throws ScoringError why the first lane could not be started; the others are gone by then */
  static async start(options: LaneSetOptions): Promise<LaneSet> {
    const set = new LaneSet(options);
    await set.#start(options);
    return set;
  }

  get capacity(): number {
    return this.#lanes.length;
  }

  /** Whether all of them can be given frames. */
  get ready(): boolean {
    return !this.#dead;
  }

  score(input: FrameInput, signal?: AbortSignal): Promise<FrameOutput> {
    if (signal?.aborted) return Promise.reject(scoringError('CANCELLED'));
    const lane = this.#lanes.toSorted((a, b) => a.inFlight - b.inFlight)[0];
    if (!lane || this.#dead) return Promise.reject(scoringError('DEVICE_EMPTY'));
    // The queue keeps to the capacity; this is the bound for anybody else. One frame runs, one is staged.
    if (lane.inFlight >= 2) return Promise.reject(scoringError('QUEUE_FULL', 2 * this.capacity));
    return lane.score(input);
  }

  /** Rejects what is in flight; resolves when the threads have ended. Idempotent. */
  async stop(): Promise<void> {
    this.#dead = true;
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }

  async #start({ lanes, signal, ...options }: LaneSetOptions): Promise<void> {
    const abort = new AbortController();
    const both = AbortSignal.any([signal, abort.signal]);
    const onLost = (error: ScoringError) => this.#lost(error);
    const started = await Promise.allSettled(
      Array.from({ length: lanes }, () =>
        Lane.start({ ...options, signal: both, onLost }).catch((error: unknown) => {
          abort.abort();
          throw error;
        }),
      ),
    );
    this.#lanes.push(...started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    const failures = started.flatMap((one) => (one.status === 'rejected' ? [one.reason as ScoringError] : []));
    // The first failure aborts the other lanes; that abort is not the reason to tell.
    const died = this.#lanes.every((lane) => lane.ready)
      ? undefined
      : scoringError('DEVICE_LOST', 'a lane died while loading');
    const failure = failures.find((one) => one.code !== 'CANCELLED') ?? failures[0] ?? died;
    if (!failure) return;
    await this.stop();
    throw failure;
  }

  /** One dead lane takes the others with it: a model is there as a whole or not at all. */
  #lost(error: ScoringError): void {
    // Before all are there, the start finds it out.
    if (this.#dead || this.#lanes.length === 0) return;
    void this.stop();
    this.#onLost(error, this);
  }
}
