import type { TimerName } from './protocol-types.js';

/** Milliseconds. */
export interface LeaseTimes {
  /** For a holder's first answer. */
  readonly answer: number;
  /** On top of what a holder that grants has promised. */
  readonly grantSlack: number;
  /** For whom a free lock is reserved for, to come and get it: far more than a wake-up takes. */
  readonly reservation: number;
  /** Before the holder is asked once more; doubles up to the most. */
  readonly again: readonly [first: number, most: number];
  /** Before the lock is tried once more by who could not use it; doubles up to the most. */
  readonly rest: readonly [first: number, most: number];
  /** Before a wish is told that the device is busy; the wait for the lock goes on. */
  readonly deadline: number;
  /** For the frames in the device when it is handed over. */
  readonly drain: number;
  /** Between two looks whether the directory still shows the file that is locked. */
  readonly look: number;
}

export const DEFAULT_TIMES: LeaseTimes = {
  answer: 500,
  grantSlack: 500,
  reservation: 500,
  again: [100, 30_000],
  rest: [1000, 30_000],
  deadline: 5000,
  drain: 2000,
  look: 2000,
};

/** A holder that promises more is asked again all the same. */
const LONGEST_GRANT_MS = 30_000;

/** How long each timer of the protocol runs. */
export class Patience {
  #asked = 0;
  #rested = 0;
  #promised = 0;

  constructor(private readonly times: LeaseTimes) {}

  /** The holder has promised the lock within that time. */
  promise(ms: number): void {
    this.#promised = Math.min(ms, LONGEST_GRANT_MS);
  }

  /** The device was got, or is wanted for a new reason. */
  resetAsking(): void {
    this.#asked = 0;
  }

  /** The device was of use. */
  resetResting(): void {
    this.#rested = 0;
  }

  next(timer: TimerName): number {
    const { times } = this;
    switch (timer) {
      case 'answer':
        return times.answer;
      case 'grant':
        return this.#promised + times.grantSlack;
      case 'reservation':
        return times.reservation;
      case 'again':
        return doubled(times.again, this.#asked++);
      case 'rest':
        return doubled(times.rest, this.#rested++);
    }
  }
}

function doubled([first, most]: readonly [number, number], times: number): number {
  return Math.min(most, first * 2 ** Math.min(times, 30));
}
