import { BackOff, DEFAULT_RETRY, type RetryOptions } from '../back-off.js';
import type { Device } from '../device/device.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import { formatModelId, type ModelId, type ModelReference, mayBeSame } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { Alarm } from './alarm.js';
import { Handles } from './handles.js';
import { nextAction } from './policy.js';
import type { SlotState, SwapOutcome } from './slot-state.js';
import { StateBoard } from './state-board.js';
import { warmUp } from './warm-up.js';
import { Wish } from './wish.js';

export interface SlotOptions {
  readonly device: Device;
  /** Reads and verifies a package; needs no device, so it happens while the old model serves. */
  readonly open: (reference: ModelReference, options: { readonly signal: AbortSignal }) => Promise<Package>;
  /** How long frames in the device may take to finish before they are given up. */
  readonly drainTimeoutMs?: number;
  readonly warmUpTimeoutMs?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Milliseconds, monotonic. */
  readonly clock?: () => number;
}

/** Permission to score on the model that serves; hold it until the answer is there. */
export interface SlotHandle {
  readonly model: Package;
  release(): void;
}

/**
 * The one place for a model. Wishes go in, states come out; one loop does everything in between, so nothing overlaps.
 *
 * A swap verifies the new package while the old model serves, lets the frames in the device finish, unloads, loads, warms
 * up. A load that fails brings the last good model back. The newest wish wins. A model that the device loses is loaded
 * again; when nothing can be loaded the slot is at END and tries again with growing delays.
 */
export class Slot {
  readonly #device: Device;
  readonly #open: SlotOptions['open'];
  #drainTimeoutMs: number;
  readonly #warmUpTimeoutMs: number;
  readonly #clock: () => number;
  readonly #backOff: BackOff;
  readonly #alarm = new Alarm();
  readonly #handles = new Handles();
  readonly #board = new StateBoard();
  readonly #loop: Promise<void>;

  #wish: Wish | undefined;
  /** The wish that the loop is at; others have not begun. */
  #granting: Wish | undefined;
  #wishes = 0;
  /** The model on the device, warmed up. */
  #held: Package | undefined;
  #lastGood: ModelId | undefined;
  /** What to try again when nothing is held. */
  #goal: ModelReference | undefined;
  /** The device lost its model before it was held. */
  #lossOnLoad: Error | undefined;
  #recovery: AbortController | undefined;
  #retryAt = 0;
  #darkSince = 0;
  #servingSince = 0;
  #closing = false;

  constructor(options: SlotOptions) {
    this.#device = options.device;
    this.#open = options.open;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 10_000;
    this.#warmUpTimeoutMs = options.warmUpTimeoutMs ?? 60_000;
    this.#clock = options.clock ?? (() => performance.now());
    this.#backOff = new BackOff({ ...DEFAULT_RETRY, ...options.retry });
    this.#device.onLost((error) => this.#lost(error));
    this.#loop = this.#run();
  }

  get state(): SlotState {
    return this.#board.state;
  }

  /** The model that serves; none during a swap. */
  get current(): Package | undefined {
    return this.state.state === 'AVAILABLE' ? this.#held : undefined;
  }

  /** The model that is wished for and not yet decided upon. */
  get pending(): ModelReference | undefined {
    return this.#wish?.reference;
  }

  /** Ends of the latest wishes, oldest first. */
  get history(): readonly SwapOutcome[] {
    return this.#board.history;
  }

  /** Calls `listener` with every change of state, in order; the function returned ends that. */
  onState(listener: (state: SlotState) => void): () => void {
    return this.#board.listen(listener);
  }

  /**
   * Wishes for a model. Always resolves, with how the wish ended; a wish for what is held or being loaded changes nothing.
   *
   * @param requestedBy who asked, for the record: `start`, `twin`, `rpc`
   */
  aspire(reference: ModelReference, requestedBy: string): Promise<SwapOutcome> {
    if (this.#wish?.is(reference)) return this.#wish.outcome;
    return this.#take(new Wish(++this.#wishes, reference, requestedBy, this.#held?.id, this.#clock));
  }

  /**
   * Loads the held model again, or what could not be loaded once more at once, because the device was set otherwise. Calls
   * wait as they do in a swap. Undefined when there is nothing to load; the wish that is being granted, while there is one.
   */
  reload(requestedBy: string): Promise<SwapOutcome> | undefined {
    if (this.#wish) return this.#wish.outcome;
    const reference = this.#held?.id ?? this.#goal;
    return reference && this.#take(new Wish(++this.#wishes, reference, requestedBy, reference, this.#clock, true));
  }

  #take(wish: Wish): Promise<SwapOutcome> {
    const { reference } = wish;
    if (this.#closing) {
      this.#board.record(wish.end('failed', reference, scoringError('STOPPING')));
      return wish.outcome;
    }
    const older = this.#wish;
    this.#wish = wish;
    older?.abort.abort();
    this.#recovery?.abort();
    if (older && older !== this.#granting) this.#finish(older, 'superseded', older.reference);
    this.#alarm.ring();
    return wish.outcome;
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
    const hopes = this.current
      ? [this.current.id, this.#wish?.reference]
      : [this.#lastGood, this.#goal, this.#wish?.reference];
    return hopes.some((hope) => hope !== undefined && mayBeSame(hope, model));
  }

  /** Ends everything: the open wish, the frames in the device within the drain's bound, the model. Idempotent. */
  close(drainTimeoutMs = 5000): Promise<void> {
    this.#drainTimeoutMs = Math.min(this.#drainTimeoutMs, drainTimeoutMs);
    this.#closing = true;
    this.#wish?.abort.abort();
    this.#recovery?.abort();
    this.#alarm.ring();
    return this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#closing) {
      const delay = this.#retryAt - this.#clock();
      if (this.#wish) await this.#grant(this.#wish);
      else if (this.#held || !this.#goal) await this.#alarm.sleep();
      else if (delay > 0) await this.#alarm.sleep(delay);
      else await this.#recover();
    }
    if (this.#wish) this.#finish(this.#wish, 'failed', this.#wish.reference, scoringError('STOPPING'));
    if (this.#held) await this.#unload();
    await this.#emptyDevice();
    this.#board.show('END');
  }

  async #grant(wish: Wish): Promise<void> {
    this.#granting = wish;
    const { signal } = wish.abort;
    let target = wish.reference;
    try {
      const model = await wish.timed('verify', () => this.#verify(wish.reference, signal));
      target = model.id;
      if (wish.superseded) return this.#finish(wish, 'superseded', target);
      if (model === this.#held && !wish.again) {
        this.#board.clearError();
        return this.#finish(wish, 'unchanged', target);
      }
      if (!this.#held) this.#darkSince = this.#clock();
      if (!(await this.#swap(model, wish))) return this.#finish(wish, 'superseded', target);
      this.#backOff.reset();
      this.#board.clearError();
      this.#finish(wish, 'loaded', target);
    } catch (cause) {
      const error = asScoringError(cause);
      if (wish.superseded) return this.#finish(wish, 'superseded', target, error);
      this.#board.keepError(error, target);
      await this.#settle(wish, target, error);
    }
  }

  /** The package of a reference; what is held was verified before. */
  async #verify(reference: ModelReference, signal: AbortSignal): Promise<Package> {
    const held = this.#held;
    if (held && formatModelId(held.id) === formatModelId(reference)) return held;
    const model = await this.#open(reference, { signal });
    return this.#held && formatModelId(this.#held.id) === formatModelId(model.id) ? this.#held : model;
  }

  /** Follows the policy until the model is held; false when a newer wish came before the old model was given up. */
  async #swap(model: Package, wish: Wish): Promise<boolean> {
    if (wish.again && model === this.#held && !(await this.#unload(wish))) return false;
    for (;;) {
      const wanted = formatModelId(model.id);
      const next = nextAction({ onDevice: this.#held && formatModelId(this.#held.id), wanted });
      if (next.action === 'none') return true;
      if (next.action === 'load') {
        await this.#load(model, wish.abort.signal, wish);
        wish.blackout(this.#darkSince);
      } else if (!(await this.#unload(wish))) {
        return false;
      }
    }
  }

  /** A wish has failed: the old model still serves, or is brought back, or nothing is left. */
  async #settle(wish: Wish, target: ModelReference, error: ScoringError): Promise<void> {
    if (this.#held) return this.#finish(wish, 'failed', target, error);
    this.#goal = wish.reference;
    if (this.#lastGood) {
      try {
        await this.#load(await this.#open(this.#lastGood, wish.abort), wish.abort.signal);
        wish.blackout(this.#darkSince);
        return this.#finish(wish, 'restored', target, error);
      } catch (cause) {
        if (wish.superseded) return this.#finish(wish, 'superseded', target, error);
        this.#board.keepError(asScoringError(cause), this.#lastGood);
      }
    }
    this.#retryAt = this.#clock() + this.#backOff.afterFailure();
    this.#finish(wish, 'failed', target, error);
  }

  /** Nothing is held and nobody wishes for anything new: tries the last wish, then the last good model. */
  async #recover(): Promise<void> {
    const abort = new AbortController();
    this.#recovery = abort;
    const goal = this.#goal;
    const references = [this.#lastGood, goal].filter((one) => one !== undefined).reverse();
    const distinct = new Map(references.map((one) => [formatModelId(one), one]));
    for (const reference of distinct.values()) {
      try {
        const model = await this.#open(reference, abort);
        await this.#load(model, abort.signal);
        // Another model than the one that was asked for serves: why it had to stays to be seen.
        if (reference === goal) this.#board.clearError();
        this.#board.show('AVAILABLE', model.id);
        break;
      } catch (cause) {
        if (abort.signal.aborted) break;
        this.#board.keepError(asScoringError(cause), reference);
      }
    }
    this.#recovery = undefined;
    if (this.#held || abort.signal.aborted) return;
    this.#retryAt = this.#clock() + this.#backOff.afterFailure();
    this.#board.show('END');
  }

  async #load(model: Package, signal: AbortSignal, wish?: Wish): Promise<void> {
    const timed: Wish['timed'] = (stage, work) => (wish ? wish.timed(stage, work) : work());
    signal.throwIfAborted();
    this.#lossOnLoad = undefined;
    this.#board.show('LOADING', model.id);
    try {
      await timed('load', () => this.#device.load(model, signal));
      await timed('warmup', () => warmUp(this.#device, model, this.#warmUpTimeoutMs, signal));
      if (this.#lossOnLoad) throw this.#lossOnLoad;
    } catch (error) {
      await this.#emptyDevice();
      throw error;
    }
    this.#held = model;
    this.#lastGood = model.id;
    this.#goal = model.id;
    this.#servingSince = this.#clock();
  }

  /** Drains and unloads; false when a newer wish came in time to keep the old model. */
  async #unload(wish?: Wish): Promise<boolean> {
    const timed: Wish['timed'] = (stage, work) => (wish ? wish.timed(stage, work) : work());
    const signal = wish?.abort.signal;
    this.#darkSince = this.#clock();
    this.#board.show('UNLOADING');
    await timed('drain', () => this.#handles.drained(this.#drainTimeoutMs, signal));
    if (signal?.aborted) {
      if (this.#held) this.#board.show('AVAILABLE', this.#held.id);
      return false;
    }
    this.#held = undefined;
    await timed('unload', () => this.#emptyDevice());
    return true;
  }

  /** A device that cannot unload says so again when it is loaded; that is where the failure is told. */
  async #emptyDevice(): Promise<void> {
    await this.#device.unload().catch(() => {});
  }

  #lost(error: Error): void {
    const model = this.#held;
    if (!model) this.#lossOnLoad = error;
    if (!model || this.#closing) return;
    this.#held = undefined;
    this.#darkSince = this.#clock();
    this.#board.keepError(asScoringError(error), model.id);
    const delay = this.#backOff.afterLoss(this.#clock() - this.#servingSince);
    this.#retryAt = this.#clock() + delay;
    if (this.state.state === 'AVAILABLE') this.#board.show(delay > 0 ? 'END' : 'LOADING', model.id);
    this.#alarm.ring();
  }

  #finish(wish: Wish, result: SwapOutcome['result'], to: ModelReference, error?: ScoringError): void {
    if (this.#wish === wish) this.#wish = undefined;
    // Recorded first, so that who hears of the state finds its reason in the history.
    this.#board.record(wish.end(result, to, error));
    // A superseded wish leaves the state to its successor.
    if (result !== 'superseded') this.#board.show(this.#held ? 'AVAILABLE' : 'END', this.#held?.id);
  }
}
