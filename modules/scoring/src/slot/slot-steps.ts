import type { BackOff } from '../back-off.js';
import { asScoringError, type ScoringError } from '../errors.js';
import { formatModelId, type ModelReference, parseModelReference } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import type { Handles } from './handles.js';
import type { SlotAction } from './policy.js';
import { GateClosed, type SlotDevice } from './slot-device.js';
import type { SlotFacts } from './slot-facts.js';
import type { SwapMemory, SwapOutcome } from './slot-state.js';
import type { StateBoard } from './state-board.js';
import type { Wish } from './wish.js';

export interface SwapSettings {
  /** How long frames in the device may take to finish before they are given up. */
  readonly drainTimeoutMs: number;
  /** `prepare` where device and memory allow. */
  readonly memory: SwapMemory;
}

export interface SlotStepsOptions {
  readonly facts: SlotFacts;
  readonly board: StateBoard;
  readonly handles: Handles;
  readonly device: SlotDevice;
  readonly backOff: BackOff;
  /** Reads and verifies a package; needs no device, so it happens while the old model serves. */
  readonly open: (reference: ModelReference, options: { readonly signal: AbortSignal }) => Promise<Package>;
  readonly swap: () => SwapSettings;
  readonly clock: () => number;
}

/** Performs the policy's actions, one at a time; each leaves in the facts what came of it, and never rejects. */
export class SlotSteps {
  constructor(private readonly options: SlotStepsOptions) {}

  async perform(action: Exclude<SlotAction, { do: 'wait' | 'stop' }>): Promise<void> {
    const wish = this.options.facts.wish;
    if (action.do === 'unload') return this.#unload(wish);
    if (action.do === 'hand over') return this.#handOver();
    if (action.do === 'recover') return this.#recover(action.model);
    if (action.do === 'pause') return this.#pause();
    if (!wish) return;
    if (action.do === 'end') return this.end(wish, action.result);
    if (action.do === 'restore') return this.#restore(wish);
    const step = { verify: this.#verify, prepare: this.#prepare, load: this.#load }[action.do];
    await step.call(this, wish).catch((thrown: unknown) => this.#fail(wish, thrown));
  }

  /** Ends a wish, and shows what that leaves. */
  end(wish: Wish, result: SwapOutcome['result']): void {
    const { facts, board, backOff, clock } = this.options;
    const { held } = facts;
    if (facts.wish === wish) facts.wish = undefined;
    if (result === 'loaded') backOff.reset();
    if (result === 'loaded' || result === 'unchanged') board.clearError();
    if (result === 'failed' && !held) {
      facts.goal = wish.reference;
      facts.retryFrom(clock() + backOff.afterFailure());
    }
    // Recorded first, so that who hears of the state finds its reason in the history.
    board.record(wish.end(result));
    // A superseded wish leaves the state to its successor.
    if (result !== 'superseded') board.show(held ? 'AVAILABLE' : 'END', held?.id);
  }

  async #verify(wish: Wish): Promise<void> {
    const { facts, open } = this.options;
    const heldFor = (reference: ModelReference) =>
      facts.held && formatModelId(facts.held.id) === formatModelId(reference) ? facts.held : undefined;
    // What is held was verified before.
    wish.model =
      heldFor(wish.reference) ??
      (await wish.timed('verify', async () => {
        const model = await open(wish.reference, { signal: wish.signal });
        return heldFor(model.id) ?? model;
      }));
    if (!wish.ended && !facts.held) facts.darkSince = this.options.clock();
  }

  async #prepare(wish: Wish): Promise<void> {
    wish.memory = await this.options.device.prepare(wish, wish.model!, this.options.swap().memory);
    wish.prepared = true;
  }

  async #load(wish: Wish): Promise<void> {
    await this.#hold(wish.model!, wish.signal, wish);
    wish.loaded = true;
    wish.blackout(this.options.facts.darkSince);
  }

  async #restore(wish: Wish): Promise<void> {
    const { facts, board, open } = this.options;
    const model = facts.lastGood!;
    try {
      await this.#hold(await open(model, { signal: wish.signal }), wish.signal);
      wish.restored = 'done';
      wish.blackout(facts.darkSince);
    } catch (thrown) {
      wish.restored = 'failed';
      if (!wish.ended) board.keepError(this.#reason(thrown), model);
    }
  }

  /** Nothing is held and nobody wishes for anything new: tries the last wish, then the last good model. */
  async #recover(id: string): Promise<void> {
    const { facts, board, open } = this.options;
    const reference = parseModelReference(id)!;
    const wanted = facts.goal && formatModelId(facts.goal);
    const abort = new AbortController();
    facts.recovery = abort;
    try {
      const model = await open(reference, abort);
      await this.#hold(model, abort.signal);
      // Another model than the one that was asked for serves: why it had to stays to be seen.
      if (id === wanted) board.clearError();
      board.show('AVAILABLE', model.id);
    } catch (thrown) {
      if (abort.signal.aborted) return;
      facts.tried.add(id);
      board.keepError(this.#reason(thrown), reference);
      if (facts.suspended) board.show('END');
    } finally {
      facts.recovery = undefined;
    }
  }

  #pause(): void {
    const { facts, board, backOff, clock } = this.options;
    facts.retryFrom(clock() + backOff.afterFailure());
    board.show('END');
  }

  async #hold(model: Package, signal: AbortSignal, wish?: Wish): Promise<void> {
    const { facts, board, device, clock } = this.options;
    signal.throwIfAborted();
    board.show('LOADING', model.id);
    await device.load(model, signal, wish);
    facts.suspended = false;
    facts.held = model;
    facts.lastGood = model.id;
    facts.goal = model.id;
    facts.servingSince = clock();
    facts.tried.clear();
  }

  /** Drains and unloads; a newer wish that comes in time keeps the old model. */
  async #unload(swap: Wish | undefined): Promise<void> {
    const { facts, board, handles, device, clock } = this.options;
    const ending = facts.closing || facts.handOver !== undefined;
    const wish = ending ? undefined : swap;
    const timed: Wish['timed'] = (stage, work) => (wish ? wish.timed(stage, work) : work());
    const bound = Math.min(
      this.options.swap().drainTimeoutMs,
      facts.handOver?.drainTimeoutMs ?? Number.POSITIVE_INFINITY,
    );
    facts.darkSince = clock();
    board.show('UNLOADING');
    await timed('drain', () => handles.drained(bound, wish?.signal));
    if (wish?.ended) {
      const leaving = facts.closing || facts.handOver !== undefined;
      if (facts.held && !leaving) board.show('AVAILABLE', facts.held.id);
      return;
    }
    facts.held = undefined;
    await timed('unload', () => device.empty());
    if (wish) wish.again = false;
  }

  async #handOver(): Promise<void> {
    const { facts, board, device } = this.options;
    await device.release();
    // It may have been asked for once more meanwhile.
    const { error, done } = facts.handOver!;
    facts.handOver = undefined;
    facts.suspended = true;
    const model = facts.goal ?? facts.lastGood ?? board.state.model;
    if (model) board.keepError(error, model);
    board.show('END');
    done();
  }

  #fail(wish: Wish, thrown: unknown): void {
    const reason = this.#reason(thrown);
    if (wish.ended) return;
    wish.error = reason;
    this.options.board.keepError(reason, wish.target);
  }

  /** What to tell of a failure; one of the gate suspends the slot. */
  #reason(thrown: unknown): ScoringError {
    if (thrown instanceof GateClosed) this.options.facts.suspended = true;
    return asScoringError(thrown instanceof GateClosed ? thrown.cause : thrown);
  }
}
