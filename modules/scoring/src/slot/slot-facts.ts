import type { ScoringError } from '../errors.js';
import { formatModelId, type ModelId, type ModelReference } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import type { SlotView } from './policy.js';
import type { Wish } from './wish.js';

/** The device is to be given to somebody else. */
export interface HandOver {
  /** What the slot shows afterwards. */
  readonly error: ScoringError;
  readonly drainTimeoutMs: number;
  readonly done: () => void;
}

/** All that the slot knows; what follows from it is the policy's. Times are of the slot's clock, in milliseconds. */
export class SlotFacts {
  /** The newest wish, while it has not ended. */
  wish: Wish | undefined;
  /** The model on the device, warmed up. */
  held: Package | undefined;
  lastGood: ModelId | undefined;
  /** What to try again when nothing is held. */
  goal: ModelReference | undefined;
  handOver: HandOver | undefined;
  suspended = false;
  closing = false;
  /** Cuts short what is done without a wish. */
  recovery: AbortController | undefined;
  /** Candidates that failed since the last pause. */
  readonly tried = new Set<string>();
  retryAt = 0;
  darkSince = 0;
  servingSince = 0;

  /** Begins the tries for a model anew, after a pause. */
  retryFrom(time: number): void {
    this.tried.clear();
    this.retryAt = time;
  }

  view(now: number, gateShut: boolean): SlotView {
    const { closing, handOver, suspended, held, lastGood, goal, wish, tried } = this;
    const candidates = [goal, lastGood].flatMap((one) => (one ? [formatModelId(one)] : []));
    return {
      closing,
      yielding: handOver !== undefined,
      suspended,
      gateShut,
      onDevice: held && formatModelId(held.id),
      lastGood: lastGood && formatModelId(lastGood),
      wish: wish?.view,
      candidates,
      tried,
      pauseMs: this.retryAt - now,
    };
  }
}
