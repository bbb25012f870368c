import { median } from './statistics.js';

/** One side of a comparison: does the work once, or runs a burst and says what the median call of it took. */
export type Subject = (() => unknown) | { readonly burst: () => Promise<number> };

export interface CompareOptions {
  /** Subjects by name. */
  readonly subjects: Readonly<Record<string, Subject>>;
  /** Milliseconds that a burst lasts at least. */
  readonly burstMs?: number;
  /** Processes that do a part of the work; what they use is no disturbance. */
  readonly helpers?: readonly number[];
}

export interface Comparison {
  /** Median milliseconds of one call, per subject and round. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
  readonly bursts: number;
  readonly repeated: number;
  readonly disturbed: number;
}

export type Compare = (options: CompareOptions) => Promise<Comparison>;

/** One burst: median milliseconds of a call, and the cores that others used meanwhile where that is known. */
export interface Burst {
  readonly ms: number;
  readonly others: number | undefined;
}

export interface BurstRules {
  readonly rounds: number;
  /** A burst in which others used more of a core than this is run again. */
  readonly mostOthers: number;
  /** Repeats in one comparison. */
  readonly budget: number;
  readonly run: (subject: Subject, burstMs: number) => Promise<Burst>;
}

const BURST_MS = 250;

/**
 * Rounds in which every subject has a burst, each round beginning with the next subject, so that neither the order nor a
 * slow minute favours one. A burst that others disturbed is run again at once while the budget lasts; then the least
 * disturbed one of its tries counts, and is counted as disturbed.
 */
export async function compareBursts(
  { subjects, burstMs = BURST_MS }: CompareOptions,
  rules: BurstRules,
): Promise<Comparison> {
  const names = Object.keys(subjects);
  const rounds: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  let repeated = 0;
  let disturbed = 0;
  // The first calls pay for compiling and for first allocations.
  for (const name of names) await rules.run(subjects[name]!, burstMs / 2);
  for (let round = 0; round < rules.rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      let best = await rules.run(subjects[name]!, burstMs);
      while (isDisturbed(best, rules) && repeated < rules.budget) {
        repeated++;
        const again = await rules.run(subjects[name]!, burstMs);
        if ((again.others ?? 0) < (best.others ?? 0)) best = again;
      }
      if (isDisturbed(best, rules)) disturbed++;
      rounds[name]!.push(best.ms);
    }
  }
  return { rounds, bursts: names.length * rules.rounds, repeated, disturbed };
}

/** Calls a subject until the burst has lasted long enough, unless it runs bursts itself. */
export async function runCalls(subject: Subject, burstMs: number): Promise<number> {
  if (typeof subject !== 'function') return subject.burst();
  const calls: number[] = [];
  const start = performance.now();
  for (let now = start; now - start < burstMs; ) {
    await subject();
    const end = performance.now();
    calls.push(end - now);
    now = end;
  }
  return median(calls);
}

function isDisturbed({ others }: Burst, { mostOthers }: BurstRules): boolean {
  return others !== undefined && others > mostOthers;
}
