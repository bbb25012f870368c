import { scoringError } from '../errors.js';

/** What is asked for: a number of 1 to 64, or `auto`. */
export interface LaneChoice {
  readonly lanes: 'auto' | number;
  /** Of each lane. */
  readonly threads: 'auto' | number;
}

export interface LanePlan {
  readonly lanes: number;
  readonly threadsPerLane: number;
}

export interface LaneHost {
  readonly cores: number;
  /** What a process may still take. */
  readonly freeBytes: number;
}

export const AUTO: LaneChoice = { lanes: 'auto', threads: 'auto' };

/** As many as the configuration's schema takes. */
const MOST = 64;
/** A lane of more threads gains little: one frame does not fill them. */
const THREADS_OF_A_LANE = 4;
/** A few more threads than cores is a choice; more than this is a mistake. */
const THREADS_OF_A_CORE = 4;

/**
 * How many lanes, of how many threads. Every lane holds the weights once more, so where the number is ours to choose, all
 * of them together take half of the free memory at most. One lane with all threads answers soonest when frames come one
 * by one; from eight cores on there are several. One lane is always tried: what it takes is an estimate.
 *
 * @param laneBytes what one lane takes, see `estimateLaneBytes`
 * @throws ScoringError LANES_IMPOSSIBLE for what was asked for and neither cores nor memory can bear
 */
export function planLanes({ lanes, threads }: LaneChoice, host: LaneHost, laneBytes: number): LanePlan {
  const { cores, freeBytes } = host;
  const byCores = Math.floor(cores / (threads === 'auto' ? THREADS_OF_A_LANE : threads));
  const byMemory = Math.floor(freeBytes / 2 / laneBytes);
  const count = lanes === 'auto' ? clamp(Math.min(byCores, byMemory)) : lanes;
  const threadsPerLane = threads === 'auto' ? clamp(Math.floor(cores / count)) : threads;

  const mostThreads = THREADS_OF_A_CORE * cores;
  if (count * threadsPerLane > mostThreads) {
    const found = `${count * threadsPerLane} threads on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
    throw scoringError('LANES_IMPOSSIBLE', lanes, threads, found, `at most ${mostThreads} threads in all`);
  }
  if (count > 1 && count * laneBytes > freeBytes) {
    const found = `a lane takes about ${mebibytes(laneBytes)} and ${mebibytes(freeBytes)} are free`;
    const expected = Math.max(1, Math.floor(freeBytes / laneBytes));
    throw scoringError('LANES_IMPOSSIBLE', lanes, threads, found, `at most ${expected} of this model's lanes`);
  }
  return { lanes: count, threadsPerLane };
}

/** `2 lanes of 1 thread`. */
export function planText({ lanes, threadsPerLane }: LanePlan): string {
  return `${plural(lanes, 'lane')} of ${plural(threadsPerLane, 'thread')}`;
}

function clamp(value: number): number {
  return Math.min(MOST, Math.max(1, value));
}

export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}

function plural(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
