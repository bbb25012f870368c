import { BackOff, DEFAULT_RETRY, type RetryOptions } from '../back-off.js';
import type { Device } from '../device/device.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import { type ModelId, type ModelReference, mayBeSame } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { Alarm } from './alarm.js';
import type { DeviceGate } from './device-gate.js';
import { Handles } from './handles.js';
import { nextAction } from './policy.js';
import { SlotDevice } from './slot-device.js';
import { SlotFacts } from './slot-facts.js';
import type { SlotFailure, SlotState, SwapOutcome } from './slot-state.js';
import { SlotSteps, type SlotStepsOptions, type SwapSettings } from './slot-steps.js';
import { StateBoard } from './state-board.js';
import { Wish } from './wish.js';

export interface SlotOptions {
  readonly device: Device;
  readonly open: SlotStepsOptions['open'];
  /** None: this process may always use the device. */
  readonly gate?: DeviceGate | undefined;
  /** The settings in force, read anew for each swap. */
  readonly swap?: () => SwapSettings;
  readonly warmUpTimeoutMs?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Milliseconds, monotonic. */
  readonly clock?: () => number;
}

const DEFAULT_SWAP: SwapSettings = { drainTimeoutMs: 10_000, memory: 'prepare' };

/** Permission to score on the model that serves; hold it until the answer is there. */
export interface SlotHandle {
  readonly model: Package;
  release(): void;
}

/**
 * The one place for a model. Wishes go in, states come out; one loop does everything in between, so nothing overlaps.
 *
 * A swap verifies the new package and, where memory allows, builds it while the old model serves, lets the frames in the
 * device finish, unloads, loads, warms up. A load that fails brings the last good model back. The newest wish wins. A
 * model that the device loses is loaded again; when nothing can be loaded the slot is at END and tries again with growing
 * delays.
 */
export class Slot {
  readonly #facts = new SlotFacts();
  readonly #board = new StateBoard();
  readonly #handles = new Handles();
  readonly #alarm = new Alarm();
  readonly #device: SlotDevice;
  readonly #backOff: BackOff;
  readonly #clock: () => number;
  readonly #steps: SlotSteps;
  readonly #loop: Promise<void>;
  #wishes = 0;
  #drainTimeoutMs = Number.POSITIVE_INFINITY;

  constructor(options: SlotOptions) {
    const { device, open, gate, warmUpTimeoutMs = 60_000 } = options;
    const swap = options.swap ?? (() => DEFAULT_SWAP);
    this.#clock = options.clock ?? (() => performance.now());
    this.#backOff = new BackOff({ ...DEFAULT_RETRY, ...options.retry });
    this.#device = new SlotDevice({ device, gate, warmUpTimeoutMs });
    this.#steps = new SlotSteps({
      facts: this.#facts,
      board: this.#board,
      handles: this.#handles,
      device: this.#device,
      backOff: this.#backOff,
      open,
      swap: () => ({ ...swap(), drainTimeoutMs: Math.min(swap().drainTimeoutMs, this.#drainTimeoutMs) }),
      clock: this.#clock,
    });
    device.onLost((error) => this.#lost(error));
    this.#loop = this.#run();
  }

  get state(): SlotState {
    return this.#board.state;
  }

  /** The model that serves; none during a swap. */
  get current(): Package | undefined {
    return this.state.state === 'AVAILABLE' ? this.#facts.held : undefined;
  }

  /** The model that is wished for and not yet decided upon. */
  get pending(): ModelReference | undefined {
    return this.#facts.wish?.reference;
  }

  /** The last model that served. */
  get lastGood(): ModelId | undefined {
    return this.#facts.lastGood;
  }

  /** The last failure, until its model serves after all. */
  get lastFailure(): SlotFailure | undefined {
    return this.#board.lastFailure;
  }

  /** Ends of the latest wishes, oldest first. */
  get history(): readonly SwapOutcome[] {
    return this.#board.history;
  }

  /** Calls `listener` with every change of state, in order; the function returned ends that. */
  onState(listener: (state: SlotState) => void): () => void {
    return this.#board.onState(listener);
  }

  /** Calls `listener` with the end of every wish, before the state that it leaves; the function returned ends that. */
  onOutcome(listener: (outcome: SwapOutcome) => void): () => void {
    return this.#board.onOutcome(listener);
  }

  /**
   * Wishes for a model. Always resolves, with how the wish ended; a wish for what is held or being loaded changes nothing.
   *
   * @param requestedBy who asked, for the record: `start`, `twin`, `rpc`, `method`
   */
  aspire(reference: ModelReference, requestedBy: string): Promise<SwapOutcome> {
    const { wish, held } = this.#facts;
    if (wish?.is(reference)) return wish.outcome;
    return this.#take(new Wish(++this.#wishes, reference, requestedBy, held?.id, this.#clock));
  }

  /**
   * Loads the held model once more, e.g. for other lanes; without one, tries at once what failed. Always resolves, with
   * how that ended. Undefined when there is nothing to load; the wish that is being granted, while there is one.
   */
  reload(requestedBy: string): Promise<SwapOutcome> | undefined {
    const { wish, held, goal } = this.#facts;
    if (wish) return wish.outcome;
    const reference = held?.id ?? goal;
    return reference && this.#take(new Wish(++this.#wishes, reference, requestedBy, reference, this.#clock, true));
  }

  /**
   * Gives the device up: admits nothing more, ends an open wish as failed, lets the frames in the device finish within the
   * bound, unloads, lets go of the hardware. Then nothing is loaded before `resume` or a new wish; what was wished for or
   * held is remembered.
   *
   * @param error what is told of it; shown with the state END
   */
  async yield(error: ScoringError, drainTimeoutMs: number): Promise<void> {
    const facts = this.#facts;
    if (facts.closing) return this.#loop;
    const earlier = facts.handOver;
    facts.goal = facts.wish?.reference ?? facts.held?.id ?? facts.goal;
    const given = new Promise<void>((done) => {
      facts.handOver = { error, drainTimeoutMs, done };
    });
    this.#endWish(error);
    facts.recovery?.abort();
    this.#alarm.ring();
    await given;
    earlier?.done();
  }

  /** The device may be used again: what was given up with it is loaded at once. */
  resume(): void {
    if (!this.#facts.suspended) return;
    this.#facts.suspended = false;
    this.#facts.retryFrom(0);
    this.#alarm.ring();
  }

  /** A handle on the model that serves, or nothing while none does. */
  acquire(): SlotHandle | undefined {
    const model = this.current;
    return model && { model, release: this.#handles.take() };
  }

  /**
   * Whether a call that names this model can hope to be scored: it names the model that serves, or, while that is open,
   * the one that is wished for or the one that a failure would bring back.
   */
  mayServe(model: ModelReference): boolean {
    const { wish, lastGood, goal } = this.#facts;
    const hopes = this.current ? [this.current.id, wish?.reference] : [lastGood, goal, wish?.reference];
    return hopes.some((hope) => hope !== undefined && mayBeSame(hope, model));
  }

  /** Ends everything: the open wish, the frames in the device within the drain's bound, the model. Idempotent. */
  close(drainTimeoutMs = 5000): Promise<void> {
    this.#drainTimeoutMs = Math.min(this.#drainTimeoutMs, drainTimeoutMs);
    this.#facts.closing = true;
    this.#endWish(scoringError('STOPPING'));
    this.#facts.recovery?.abort();
    this.#alarm.ring();
    return this.#loop;
  }

  async #run(): Promise<void> {
    for (;;) {
      const action = nextAction(this.#facts.view(this.#clock(), this.#device.gateShut));
      if (action.do === 'stop') break;
      if (action.do === 'wait') await this.#alarm.sleep(action.ms);
      else await this.#steps.perform(action);
    }
    await this.#device.release();
    this.#board.show('END');
    this.#facts.handOver?.done();
  }

  #take(wish: Wish): Promise<SwapOutcome> {
    const facts = this.#facts;
    if (facts.closing) {
      wish.error = scoringError('STOPPING');
      this.#board.record(wish.end('failed'));
      return wish.outcome;
    }
    const older = facts.wish;
    facts.wish = wish;
    if (older) this.#steps.end(older, 'superseded');
    facts.recovery?.abort();
    this.#alarm.ring();
    return wish.outcome;
  }

  /** Ends the open wish for a reason from outside; the state is left to the loop. */
  #endWish(error: ScoringError): void {
    const { wish } = this.#facts;
    if (!wish) return;
    this.#facts.wish = undefined;
    wish.error = error;
    this.#board.record(wish.end('failed'));
  }

  #lost(error: Error): void {
    const facts = this.#facts;
    const model = facts.held;
    if (!model) this.#device.lostWhileLoading(error);
    if (!model || facts.closing) return;
    const now = this.#clock();
    facts.held = undefined;
    facts.darkSince = now;
    this.#board.keepError(asScoringError(error), model.id);
    const delay = this.#backOff.afterLoss(now - facts.servingSince);
    facts.retryFrom(now + delay);
    if (this.state.state === 'AVAILABLE') this.#board.show(delay > 0 ? 'END' : 'LOADING', model.id);
    this.#alarm.ring();
  }
}
