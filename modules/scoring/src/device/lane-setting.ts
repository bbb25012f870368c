import { availableParallelism } from 'node:os';
import { scoringError } from '../errors.js';
import type { LaneControl } from './device.js';
import { freeMemory } from './free-memory.js';
import { AUTO, type LaneChoice, type LanePlan, mebibytes, planLanes } from './lane-plan.js';

/** Before a model is there, only cores decide. */
const NO_MODEL_BYTES = 1;

/** Lanes as they were planned for one model. */
export interface PlannedLanes {
  readonly choice: LaneChoice;
  readonly plan: LanePlan;
  readonly laneBytes: number;
}

/** The lanes that are asked for, and those that the loaded model has. */
export class LaneSetting implements LaneControl {
  #choice: LaneChoice;
  #loaded: PlannedLanes | undefined;

  constructor(
    choice: LaneChoice = AUTO,
    private readonly cores = availableParallelism(),
    private readonly freeBytes: () => number = freeMemory,
  ) {
    this.#choice = choice;
  }

  get choice(): LaneChoice {
    return this.#choice;
  }

  /** Whether no model is loaded for this choice. */
  get outdated(): boolean {
    return !this.#loaded || !sameChoice(this.#loaded.choice, this.#choice);
  }

  /** The loaded model's; before one is there what a small one would have. */
  get plan(): LanePlan {
    return this.#loaded?.plan ?? this.#preview();
  }

  /**
   * For the next load.
   * @throws ScoringError LANES_IMPOSSIBLE on this host, or for the loaded model; the old choice stays then
   */
  choose(choice: LaneChoice): void {
    const laneBytes = this.#loaded?.laneBytes ?? NO_MODEL_BYTES;
    planLanes(choice, { cores: this.cores, freeBytes: this.#freeAfterUnload() }, laneBytes);
    this.#choice = choice;
  }

  /** What the next load will have; another choice may come before it. @throws ScoringError LANES_IMPOSSIBLE */
  next(laneBytes: number): PlannedLanes {
    const choice = this.#choice;
    const plan = planLanes(choice, { cores: this.cores, freeBytes: this.#freeAfterUnload() }, laneBytes);
    return { choice, plan, laneBytes };
  }

  /**
   * That these lanes find room beside those of the loaded model. What they take is an estimate, and a host that is out of
   * memory ends processes, so half of what is free is left free.
   *
   * @throws ScoringError SWAP_MEMORY
   */
  checkRoom(model: string, { plan, laneBytes }: PlannedLanes): void {
    const needed = plan.lanes * laneBytes;
    const free = this.freeBytes();
    if (needed > free / 2) throw scoringError('SWAP_MEMORY', model, mebibytes(needed), mebibytes(free));
  }

  load(lanes: PlannedLanes): void {
    this.#loaded = lanes;
  }

  unload(): void {
    this.#loaded = undefined;
  }

  /** The loaded model goes before another one comes. */
  #freeAfterUnload(): number {
    const { plan, laneBytes = 0 } = this.#loaded ?? {};
    return this.freeBytes() + (plan?.lanes ?? 0) * laneBytes;
  }

  #preview(): LanePlan {
    const { lanes, threads } = this.#choice;
    try {
      return planLanes(this.#choice, { cores: this.cores, freeBytes: Number.POSITIVE_INFINITY }, NO_MODEL_BYTES);
    } catch {
      return { lanes: lanes === 'auto' ? 1 : lanes, threadsPerLane: threads === 'auto' ? 1 : threads };
    }
  }
}

export function sameChoice(one: LaneChoice, other: LaneChoice): boolean {
  return one.lanes === other.lanes && one.threads === other.threads;
}

/** Whether these cores can bear it, whatever the model. */
export function isBearable(choice: LaneChoice, cores = availableParallelism()): boolean {
  try {
    planLanes(choice, { cores, freeBytes: Number.POSITIVE_INFINITY }, NO_MODEL_BYTES);
    return true;
  } catch {
    return false;
  }
}
