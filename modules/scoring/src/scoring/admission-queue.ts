import { type ScoringError, scoringError } from '../errors.js';

/** One call that waits for the device. */
export interface Waiting {
  /** `performance.now()` after which it is of no use. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  readonly camera?: string | undefined;
  readonly bytes: number;
  /** Called once when the queue gives the call up: it has left the queue by then. */
  readonly refuse: (error: ScoringError) => void;
}

export interface QueueLimits {
  readonly maxCalls: number;
  /** Bytes of input that may wait in all. */
  readonly maxBytes: number;
}

export const DEFAULT_QUEUE_LIMITS: QueueLimits = { maxCalls: 64, maxBytes: 256 << 20 };

interface Entry<T> {
  call: T;
  readonly leave: () => void;
}

/** setTimeout turns a longer delay into none at all. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The one queue of all doors: bounded, first in first out, each call with its own deadline.
 *
 * A camera has one frame in it. A newer frame replaces the older one in its place, so a fast camera neither crowds out
 * the others nor loses its turn.
 */
export class AdmissionQueue<T extends Waiting> {
  readonly #limits: () => QueueLimits;
  readonly #entries: Entry<T>[] = [];
  #bytes = 0;

  /** @param limits read at each call; lower ones leave alone what waits already */
  constructor(limits: () => QueueLimits = () => DEFAULT_QUEUE_LIMITS) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** @throws ScoringError DEADLINE, CANCELLED, QUEUE_FULL */
  push(call: T): void {
    if (call.signal?.aborted) throw scoringError('CANCELLED');
    if (call.deadline <= performance.now()) throw scoringError('DEADLINE');
    const { camera } = call;
    const older = camera === undefined ? undefined : this.#entries.find((entry) => entry.call.camera === camera);
    const calls = this.#entries.length + (older ? 0 : 1);
    const bytes = this.#bytes + call.bytes - (older?.call.bytes ?? 0);
    const { maxCalls, maxBytes } = this.#limits();
    // A frame that replaces another takes no place, though the limit may have become lower.
    if ((!older && calls > maxCalls) || bytes > maxBytes) {
      throw scoringError('QUEUE_FULL', this.#entries.length);
    }
    const entry = this.#enter(call);
    if (!older) {
      this.#entries.push(entry);
      return;
    }
    this.#entries.splice(this.#entries.indexOf(older), 1, entry);
    older.leave();
    older.call.refuse(scoringError('FRAME_REPLACED', camera!));
  }

  /** The next call that `ready` accepts, in order; it leaves the queue. */
  take(ready: (call: T) => boolean = () => true): T | undefined {
    const entry = this.#entries.find(({ call }) => call.deadline > performance.now() && ready(call));
    if (entry) this.#remove(entry);
    return entry?.call;
  }

  /** Refuses every call for which `why` gives an error. */
  sweep(why: (call: T) => ScoringError | undefined): void {
    for (const entry of [...this.#entries]) {
      const error = why(entry.call);
      if (error) this.#refuse(entry, error);
    }
  }

  #enter(call: T): Entry<T> {
    const expire = () => {
      // Timers count whole milliseconds and may fire a fraction early.
      const left = call.deadline - performance.now();
      if (left > 0) timer = setTimeout(expire, Math.min(Math.ceil(left), LONGEST_TIMER));
      else this.#refuse(entry, scoringError('DEADLINE'));
    };
    const cancel = () => this.#refuse(entry, scoringError('CANCELLED'));
    let timer = setTimeout(expire, Math.min(Math.ceil(call.deadline - performance.now()), LONGEST_TIMER));
    call.signal?.addEventListener('abort', cancel, { once: true });
    const leave = () => {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', cancel);
      this.#bytes -= call.bytes;
    };
    const entry = { call, leave };
    this.#bytes += call.bytes;
    return entry;
  }

  #refuse(entry: Entry<T>, error: ScoringError): void {
    if (this.#remove(entry)) entry.call.refuse(error);
  }

  #remove(entry: Entry<T>): boolean {
    const index = this.#entries.indexOf(entry);
    if (index < 0) return false;
    this.#entries.splice(index, 1);
    entry.leave();
    return true;
  }
}
