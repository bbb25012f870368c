import type { LaneControl } from '../device/device.js';
import type { LaneChoice } from '../device/lane-plan.js';
import { sameChoice } from '../device/lane-setting.js';
import { type ErrorCode, reviveScoringError, type ScoringError } from '../errors.js';
import type { Slot } from './slot.js';

/**
 * Brings another choice of lanes into force: the held model is loaded again, and calls wait for that as in a swap. A
 * choice that the model does not load with is taken back.
 */
export class LaneChanges {
  #running: Promise<ScoringError | undefined> | undefined;

  /** @param control none when the device has no such choice */
  constructor(
    private readonly slot: Pick<Slot, 'reload'>,
    private readonly control: LaneControl | undefined,
  ) {}

  /** What is in force or on its way; none when the device has no such choice. */
  get choice(): LaneChoice | undefined {
    return this.control?.choice;
  }

  /**
   * @returns nothing when there is nothing to do; else a promise that never rejects: of the failure for which the old
   * choice is back
   * @throws ScoringError LANES_IMPOSSIBLE; the old choice stays
   */
  change({ lanes, threads }: LaneChoice): Promise<ScoringError | undefined> | undefined {
    const { control } = this;
    const choice = { lanes, threads };
    if (!control || sameChoice(choice, control.choice)) return this.#running;
    const before = control.choice;
    control.choose(choice);
    const older = this.#running;
    const run: Promise<ScoringError | undefined> = this.#follow(control, choice, before, older).finally(() => {
      if (this.#running === run) this.#running = undefined;
    });
    this.#running = run;
    return run;
  }

  async #follow(
    control: LaneControl,
    choice: LaneChoice,
    before: LaneChoice,
    older: Promise<unknown> | undefined,
  ): Promise<ScoringError | undefined> {
    await older;
    // A wish that was being granted may have loaded the model for the old choice, so there may be two.
    for (let round = 0; round < 2 && control.outdated; round++) {
      const outcome = await this.slot.reload('twin');
      if (!outcome || !sameChoice(control.choice, choice)) return undefined;
      if (outcome.result !== 'failed' || !outcome.error) continue;
      await this.#takeBack(control, before);
      return reviveScoringError({ code: outcome.error.code as ErrorCode, message: outcome.error.text });
    }
    return undefined;
  }

  async #takeBack(control: LaneControl, before: LaneChoice): Promise<void> {
    try {
      control.choose(before);
    } catch {
      // What the module was started with was not possible either; then the newer choice stays.
      return;
    }
    if (control.outdated) await this.slot.reload('twin');
  }
}
