import { median } from '../../bench/statistics.js';
import type { Asker } from './askers.js';

/** A call that was not answered, or not rightly. */
export interface Failure {
  readonly door: Asker['door'];
  /** Milliseconds since the load began. */
  readonly at: number;
  readonly text: string;
}

/** A span of time on the load's clock, in milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

interface Recorded {
  /** When each answered call ended, in order, milliseconds since the load began. */
  readonly ended: readonly number[];
  /** How long each took, in the same order. */
  readonly took: readonly number[];
  /** Answers by the model that gave them. */
  readonly byModel: ReadonlyMap<string, number>;
  readonly failed: number;
  /** The first of them. */
  readonly failures: readonly Failure[];
}

/** What became of the calls of a load. */
export class LoadReport {
  constructor(readonly recorded: Recorded) {}

  get failed(): number {
    return this.recorded.failed;
  }

  get answered(): number {
    return this.recorded.ended.length;
  }

  get medianMs(): number {
    return median(this.recorded.took);
  }

  /** The longest that a client waited for one answer. */
  get longestMs(): number {
    return this.recorded.took.reduce((longest, ms) => Math.max(longest, ms), 0);
  }

  /** The longest time in or across the span in which no call ended. */
  darkMs({ from, to }: Span): number {
    const { ended } = this.recorded;
    let longest = 0;
    for (let index = 1; index < ended.length; index++) {
      if (ended[index]! <= from || ended[index - 1]! >= to) continue;
      longest = Math.max(longest, ended[index]! - ended[index - 1]!);
    }
    return longest;
  }

  /** What a swap in the span cost its callers: the longest time without an answer, less the median call. */
  blackoutMs(span: Span): number {
    return Math.max(0, this.darkMs(span) - this.medianMs);
  }

  /** For the message of a failed assertion. */
  get text(): string {
    const { byModel, failed, failures } = this.recorded;
    const models = [...byModel].map(([model, calls]) => `${calls} by ${model}`).join(', ');
    const lines = failures.map(({ door, at, text }) => `  ${door} after ${at.toFixed(0)} ms: ${text}`);
    return [`${this.answered} answers (${models}), ${failed} failed`, ...lines].join('\n');
  }
}
