import type { ErrorCode } from '../errors.js';

/**
 * What became of every call: `received = scored + replaced + expired + (sum of failed) + waiting + inFlight`, always.
 */
export interface ScoringCounters {
  readonly received: number;
  readonly scored: number;
  /** A newer frame of the same camera took its place. */
  readonly replaced: number;
  /** Its deadline passed before the device took it. */
  readonly expired: number;
  /** Every other refusal or failure, by the catalogue's code. */
  readonly failed: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly waiting: number;
  readonly inFlight: number;
}

export class Counters {
  received = 0;
  scored = 0;
  inFlight = 0;
  #replaced = 0;
  #expired = 0;
  readonly #failed: Partial<Record<ErrorCode, number>> = {};

  fail(code: ErrorCode): void {
    if (code === 'FRAME_REPLACED') this.#replaced++;
    else if (code === 'DEADLINE') this.#expired++;
    else this.#failed[code] = (this.#failed[code] ?? 0) + 1;
  }

  snapshot(waiting: number): ScoringCounters {
    return {
      received: this.received,
      scored: this.scored,
      replaced: this.#replaced,
      expired: this.#expired,
      failed: { ...this.#failed },
      waiting,
      inFlight: this.inFlight,
    };
  }
}
