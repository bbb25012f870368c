import type { RetryOptions } from '../back-off.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import type { Package } from '../model/package.js';
import { Candidate, type CardDevice } from './candidate.js';
import type {
  Device,
  DeviceInfo,
  DeviceSelection,
  FrameInput,
  FrameOutput,
  FrameScorer,
  LaneControl,
  RejectedDevice,
} from './device.js';

export interface PreferredCard {
  readonly device: CardDevice;
  /** Why it is in use when it is. */
  readonly reason: string;
  /** Why it cannot be used just now; it is looked at until it can. */
  readonly failing?: string;
}

export interface PreferredDeviceOptions {
  /** Best first; at least one. */
  readonly cards: readonly PreferredCard[];
  /** Where models go while no card takes them; without one nothing falls back. */
  readonly emulator?: Device | undefined;
  /** Delays between two looks at a card that failed, and how long it must serve to be trusted again. */
  readonly look?: RetryOptions;
  /** Milliseconds, monotonic. */
  readonly clock?: () => number;
}

const LOOK: RetryOptions = { initialMs: 1000, maxMs: 30_000, stableMs: 60_000 };

/**
 * Several devices as one: a model goes to the first that takes it. A card that loses its model is tried once more; when
 * that fails, or it loses models again and again, the next device takes over. The card is looked at with growing delays,
 * and once it is well `onReturn` asks for the model to be loaded again.
 */
export class PreferredDevice implements Device {
  /** The emulator's. */
  readonly laneControl?: LaneControl;
  readonly #candidates: readonly Candidate[];
  readonly #emulator: Candidate | undefined;
  readonly #clock: () => number;
  readonly #lostListeners: ((error: Error) => void)[] = [];
  readonly #returnListeners: (() => void)[] = [];
  readonly #changeListeners: (() => void)[] = [];
  #active: Candidate;
  #since = new Date().toISOString();
  /** When the model came; none while there is none. */
  #loadedAt: number | undefined;
  /** Between `release` and the next load nothing is opened. */
  #released = false;

  constructor(options: PreferredDeviceOptions) {
    const { cards, emulator, look = LOOK } = options;
    this.#clock = options.clock ?? (() => performance.now());
    const candidates = cards.map(({ device, reason, failing }) => {
      const card = new Candidate(device, reason, look, device);
      card.refusal = failing;
      card.resting = emulator !== undefined && failing !== undefined;
      return card;
    });
    this.#emulator = emulator && new Candidate(emulator, 'no card takes the model', look);
    this.#candidates = this.#emulator ? [...candidates, this.#emulator] : candidates;
    this.#active = this.#order()[0]!;
    if (emulator?.laneControl) this.laneControl = this.#lanesWhileEmulated(emulator.laneControl);
    for (const one of this.#candidates) one.device.onLost((error) => this.#onLost(one, error));
  }

  get info(): DeviceInfo {
    return this.#active.device.info;
  }

  get capacity(): number {
    return this.#active.device.capacity;
  }

  async prepare(model: Package, signal: AbortSignal): Promise<void> {
    for (const { device } of this.#order()) {
      try {
        return await device.prepare?.(model, signal);
      } catch (error) {
        // Another device may take it; what else is wrong with it concerns them all.
        if (asScoringError(error).code !== 'DEVICE_UNSUITABLE') throw error;
      }
    }
  }

  get prepared(): FrameScorer | undefined {
    return this.#candidates.find(({ device }) => device.prepared)?.device.prepared;
  }

  /** @throws ScoringError why the last candidate did not take the model, or CANCELLED */
  async load(model: Package, signal?: AbortSignal): Promise<void> {
    if (this.#loadedAt !== undefined) return this.#active.device.load(model, signal);
    this.#released = false;
    await this.#stopLooking();
    try {
      await this.#loadFirst(model, signal);
    } finally {
      this.#lookAtResting();
    }
  }

  score(input: FrameInput, signal?: AbortSignal): Promise<FrameOutput> {
    return this.#active.device.score(input, signal);
  }

  async unload(): Promise<void> {
    this.#loadedAt = undefined;
    // A load that is under way may be at any of them.
    await Promise.all(this.#candidates.map(({ device }) => device.unload()));
  }

  async health(): Promise<{ ok: boolean; text: string }> {
    const { ok, text } = await this.#active.device.health();
    const [best] = this.#candidates;
    return { ok, text: best === this.#active || !best?.refusal ? text : `${text}; ${best.refusal}` };
  }

  async release(): Promise<void> {
    this.#released = true;
    await this.#stopLooking();
    await this.unload();
    for (const { device } of this.#candidates) await device.release?.();
  }

  async close(): Promise<void> {
    await this.release();
    for (const { device } of this.#candidates) await device.close();
  }

  onLost(listener: (error: Error) => void): void {
    this.#lostListeners.push(listener);
  }

  onReturn(listener: () => void): void {
    this.#returnListeners.push(listener);
  }

  /**
   * This device with the reasons for its present choice.
   * @param others candidates that are never used
   */
  selection(others: readonly RejectedDevice[] = []): DeviceSelection {
    const live = {
      reason: () => this.#reason(),
      rejected: () => [...others, ...this.#candidates.flatMap((one) => (one === this.#active ? [] : one.asRejected()))],
      since: () => this.#since,
      cards: () => this.#candidates.flatMap(({ card }) => (card ? [card.report] : [])),
    };
    return {
      device: this,
      get reason() {
        return live.reason();
      },
      get rejected() {
        return live.rejected();
      },
      get since() {
        return live.since();
      },
      get cards() {
        return live.cards();
      },
      onChange: (listener) => this.#changeListeners.push(listener),
    };
  }

  /** Without those that rest, unless there is nothing else. */
  #order(): readonly Candidate[] {
    const rested = this.#candidates.filter(({ resting }) => !resting);
    return rested.length > 0 ? rested : this.#candidates;
  }

  async #loadFirst(model: Package, signal: AbortSignal | undefined): Promise<void> {
    let failure = scoringError('DEVICE_NONE', 'there is no candidate');
    for (const one of this.#order()) {
      try {
        await one.device.load(model, signal);
        this.#take(one);
        return;
      } catch (error) {
        failure = asScoringError(error);
        if (signal?.aborted || failure.code === 'CANCELLED') throw failure;
        this.#refuse(one, failure);
      }
    }
    throw failure;
  }

  #take(one: Candidate): void {
    const isOther = one !== this.#active;
    const wasRefused = one.refusal !== undefined;
    if (isOther) this.#since = new Date().toISOString();
    this.#active = one;
    one.refusal = undefined;
    this.#loadedAt = this.#clock();
    if (isOther || wasRefused) this.#changed();
  }

  /** What is wrong with the package is no reason to leave the card alone. */
  #refuse(one: Candidate, { code, message }: ScoringError): void {
    one.refusal = message;
    if (code === 'DEVICE_LOST' || code === 'DEVICE_REFUSED') this.#rest(one);
  }

  /** A card that had served well is tried again at once; one that fails again and again is left alone for a while. */
  #onLost(one: Candidate, error: Error): void {
    if (one !== this.#active || this.#loadedAt === undefined) return;
    const servedMs = this.#clock() - this.#loadedAt;
    this.#loadedAt = undefined;
    one.refusal = error.message;
    if (!one.deservesAnother(servedMs)) this.#rest(one);
    for (const listener of this.#lostListeners) listener(error);
  }

  #rest(one: Candidate): void {
    one.resting = one.card !== undefined && this.#emulator !== undefined;
  }

  #lookAtResting(): void {
    if (this.#released) return;
    for (const one of this.#candidates) {
      const before = one.refusal;
      one.lookLater((isWell) => {
        if (isWell) this.#askBack(one);
        else this.#lookAtResting();
        if (one.refusal !== before) this.#changed();
      });
    }
  }

  /** Nothing is gained when a better device holds the model. */
  #askBack(one: Candidate): void {
    if (this.#released || this.#candidates.indexOf(one) > this.#candidates.indexOf(this.#active)) return;
    for (const listener of this.#returnListeners) listener();
  }

  async #stopLooking(): Promise<void> {
    await Promise.all(this.#candidates.map((one) => one.stopLooking()));
  }

  #changed(): void {
    for (const listener of this.#changeListeners) listener();
  }

  #reason(): string {
    if (this.#active !== this.#emulator) return this.#active.reason;
    return this.#candidates.find(({ refusal }) => refusal !== undefined)?.refusal ?? this.#active.reason;
  }

  /** A choice of lanes is in force for as long as another device holds the model. */
  #lanesWhileEmulated(control: LaneControl): LaneControl {
    const isElsewhere = () => this.#active !== this.#emulator;
    return {
      get choice() {
        return control.choice;
      },
      get outdated() {
        return !isElsewhere() && control.outdated;
      },
      choose: (choice) => control.choose(choice),
    };
  }
}
