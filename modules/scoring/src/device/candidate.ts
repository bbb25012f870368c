import { BackOff, type RetryOptions } from '../back-off.js';
import { asScoringError } from '../errors.js';
import type { CardReport, Device, RejectedDevice } from './device.js';

/** A card as far as falling back and coming back are concerned. */
export interface CardDevice extends Device {
  readonly path: string;
  readonly report: CardReport;
  /** Opens it, resets it when it failed, and looks whether it is well. Rejects with why not. */
  tryOut(): Promise<void>;
}

/** A device that a model may go to, and why it is not there. */
export class Candidate {
  refusal: string | undefined;
  /** It failed: while there is another device it is left alone until a look finds it well. */
  resting = false;
  readonly #backOff: BackOff;
  /** Before the first look after a loss. */
  #delayMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(
    readonly device: Device,
    /** Why it is in use when it is. */
    readonly reason: string,
    retry: RetryOptions,
    /** The device, when it is a card. */
    readonly card?: CardDevice,
  ) {
    this.#backOff = new BackOff(retry);
  }

  /** Whether a model that it lost after this time may be given back to it at once. */
  deservesAnother(servedMs: number): boolean {
    this.#delayMs = this.#backOff.afterLoss(servedMs);
    return this.#delayMs === 0;
  }

  /** Looks at a resting card once, after a delay that grows from look to look. */
  lookLater(done: (isWell: boolean) => void): void {
    if (!this.card || !this.resting || this.#timer) return;
    const delayMs = this.#delayMs || this.#backOff.afterFailure();
    this.#delayMs = undefined;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#look(done).finally(() => {
        this.#looking = undefined;
      });
    }, delayMs);
    this.#timer.unref();
  }

  /** Resolves when a look that is under way has ended, and no other begins. */
  async stopLooking(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  asRejected(): RejectedDevice[] {
    if (this.refusal === undefined) return [];
    const { kind } = this.device.info;
    return [{ kind, reason: this.refusal, ...(this.card && { path: this.card.path }) }];
  }

  async #look(done: (isWell: boolean) => void): Promise<void> {
    try {
      await this.card?.tryOut();
      this.resting = false;
    } catch (error) {
      this.refusal = asScoringError(error).message;
    }
    done(!this.resting);
  }
}
