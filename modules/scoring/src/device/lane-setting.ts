import { availableParallelism } from 'node:os';
import type { LaneControl } from './device.js';
import { freeMemory } from './free-memory.js';
import { AUTO, type LaneChoice, type LanePlan, planLanes } from './lane-plan.js';

/** Before a model is there, only cores decide. */
const NO_MODEL_BYTES = 1;

interface Loaded {
  readonly choice: LaneChoice;
  readonly plan: LanePlan;
  readonly laneBytes: number;
}

/** The lanes that are asked for, and those that the loaded model has. */
export class LaneSetting implements LaneControl {
  #choice: LaneChoice;
  #loaded: Loaded | undefined;

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
    const { plan, laneBytes = NO_MODEL_BYTES } = this.#loaded ?? {};
    // The loaded model goes before it comes again.
    const freeBytes = this.freeBytes() + (plan?.lanes ?? 0) * laneBytes;
    planLanes(choice, { cores: this.cores, freeBytes }, laneBytes);
    this.#choice = choice;
  }

  /** @throws ScoringError LANES_IMPOSSIBLE */
  load(laneBytes: number): LanePlan {
    const plan = planLanes(this.#choice, { cores: this.cores, freeBytes: this.freeBytes() }, laneBytes);
    this.#loaded = { choice: this.#choice, plan, laneBytes };
    return plan;
  }

  unload(): void {
    this.#loaded = undefined;
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
