import type { Compare } from './compare.js';

/** What a figure is asked to be. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number };

/** One measured number against one goal. */
export interface Figure {
  readonly what: string;
  readonly goal: Goal;
  readonly value: number;
  /** `×` for ratios, `ms`, … */
  readonly unit: string;
  /** First and third quartile of the rounds. */
  readonly spread: readonly [low: number, high: number];
  readonly rounds: number;
  /** Bursts that were run again because other processes disturbed them. */
  readonly repeated: number;
  /** Bursts that stayed disturbed when the budget was used up, of all that count. */
  readonly disturbed: number;
  readonly bursts: number;
  /** Threads and other conditions, and what the two sides of a ratio are in absolute terms. */
  readonly note: string;
  /** Why the goal does not apply on this machine; the figure is then no pass and no failure. */
  readonly notApplicable?: string;
}

export interface BenchContext {
  /** Interleaved rounds of bursts, see `compareBursts`. */
  readonly compare: Compare;
  /** An empty folder that is removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Says what is being done, for whoever waits. */
  readonly say: (text: string) => void;
}

export type RowResult = { readonly figures: readonly Figure[] } | { readonly notMeasured: string };

/** One row of the table: what is measured, and how. */
export interface Row {
  /** Its key, for `--only`. */
  readonly name: string;
  readonly measure: (context: BenchContext) => Promise<RowResult>;
}

export type Verdict = 'pass' | 'short' | 'not applicable';

export function verdictOf({ goal, value, notApplicable }: Figure): Verdict {
  if (notApplicable !== undefined) return 'not applicable';
  const met = 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
  return met ? 'pass' : 'short';
}
