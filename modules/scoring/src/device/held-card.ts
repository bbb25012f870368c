import { setTimeout as sleep } from 'node:timers/promises';
import { type Card, type CardHealth, DeviceError, type OpenOptions } from '@edgeslot/native';
import { type ScoringError, scoringError } from '../errors.js';
import { within } from '../within.js';
import { cardError } from './card-error.js';
import type { CardReport } from './device.js';
import { Turns } from './turns.js';

/** Where a card is and how it is opened. */
export interface CardPlace {
  readonly path: string;
  /** The node's folder in sysfs. */
  readonly sysfs: string;
  readonly driverLibrary?: string | undefined;
  /** Of what was found before it was opened. */
  readonly identity?: Readonly<Record<string, string>>;
}

export interface HeldCardOptions extends CardPlace {
  /** The fencing number of the lease, asked for whenever the node is opened; a random one each time when absent. */
  readonly epoch?: (() => number) | undefined;
  readonly open: (path: string, options: OpenOptions) => Promise<Card>;
  /** Milliseconds in which opening and a reset must have ended; the card's own bound is 10 s. */
  readonly boundMs?: number;
  /** Milliseconds for which another holder may still be on its way out. */
  readonly stillBusyMs?: number;
}

const BOUND_MS = 15_000;
/** The driver learns a little late that a card's last owner is gone. */
const STILL_BUSY_MS = 2000;
const ASK_AGAIN_MS = 100;
const IDENTITY = ['driver', 'shellVersion', 'shellId', 'roleId', 'boardId', 'chipId', 'functionType'] as const;

/**
 * The one handle of a card in this process: opened when it is first needed, reset after a failure, opened anew when that
 * does not help. The driver frees all slots of a process that closes any descriptor of a node, so there is never another.
 */
export class HeldCard {
  readonly #options: HeldCardOptions;
  readonly #turns = new Turns();
  #card: Card | undefined;
  #suspect = false;
  /** Of handles that are closed. */
  #resets = 0;
  #staleAnswers = 0;
  #identity: Readonly<Record<string, string>>;

  constructor(options: HeldCardOptions) {
    this.#options = options;
    this.#identity = options.identity ?? {};
  }

  /** While it is open. */
  get card(): Card | undefined {
    return this.#card;
  }

  /** It failed somehow: it is reset before it is used again. */
  suspect(): void {
    this.#suspect = true;
  }

  /**
   * The card, open and well.
   *
   * @throws ScoringError DEVICE_REFUSED, DEVICE_LOST; it is closed then
   */
  take(): Promise<Card> {
    return this.#turns.take(async () => {
      if (this.#card && this.#suspect) await this.#reset(this.#card);
      const card = this.#card ?? (await this.#open());
      const health = healthOf(card);
      if (isWell(health)) return card;
      await this.#close();
      throw scoringError('DEVICE_REFUSED', this.#options.path, health.text);
    });
  }

  /** Idempotent; `take` opens it again. */
  close(): Promise<void> {
    return this.#turns.take(() => this.#close());
  }

  get report(): Omit<CardReport, 'failures'> {
    const { path } = this.#options;
    const { resets = 0, staleAnswers = 0 } = this.#card?.counters ?? {};
    const health = this.#card && healthOf(this.#card);
    return {
      path,
      identity: this.#identity,
      ...(health && { health: { ok: isWell(health), text: health.text } }),
      ...(health?.temperature !== undefined && { temperature: health.temperature }),
      resets: this.#resets + resets,
      staleAnswers: this.#staleAnswers + staleAnswers,
    };
  }

  async #open(): Promise<Card> {
    const { path, sysfs, driverLibrary, epoch, open } = this.#options;
    const options = { sysfs, ...(epoch && { epoch: epoch() }), ...(driverLibrary !== undefined && { driverLibrary }) };
    const opening = this.#whileBusy(() => open(path, options));
    this.#card = await this.#bounded(opening, 'was not opened', (late) => late.close());
    this.#suspect = false;
    const { info } = this.#card;
    const known = IDENTITY.flatMap((name) => (info[name] === undefined ? [] : [[name, info[name]]]));
    const library = info.library && `${info.library.name} ${info.library.version}, sha256 ${info.library.sha256}`;
    this.#identity = { ...this.#identity, ...Object.fromEntries(known), ...(library !== undefined && { library }) };
    return this.#card;
  }

  async #whileBusy(open: () => Promise<Card>): Promise<Card> {
    const { stillBusyMs = STILL_BUSY_MS } = this.#options;
    const end = performance.now() + stillBusyMs;
    for (;;) {
      try {
        return await open();
      } catch (error) {
        const isBusy = error instanceof DeviceError && error.status === 'BUSY';
        if (!isBusy || performance.now() >= end) throw error;
        await sleep(ASK_AGAIN_MS);
      }
    }
  }

  /** A card that cannot be reset is closed: it may do when it is opened anew. */
  async #reset(card: Card): Promise<void> {
    try {
      await this.#bounded(card.reset(), 'was not reset');
      this.#suspect = false;
    } catch {
      await this.#close();
    }
  }

  async #close(): Promise<void> {
    const card = this.#card;
    if (!card) return;
    const { resets, staleAnswers } = card.counters;
    this.#card = undefined;
    this.#resets += resets;
    this.#staleAnswers += staleAnswers;
    await this.#bounded(card.close(), 'was not closed').catch(() => {});
  }

  async #bounded<T>(work: Promise<T>, what: string, tooLate?: (result: T) => unknown): Promise<T> {
    const { path, boundMs = BOUND_MS } = this.#options;
    let isLate = false;
    work.then(
      (result) => isLate && tooLate?.(result),
      () => {},
    );
    try {
      return await within(work, boundMs, () => {
        isLate = true;
        throw scoringError('DEVICE_LOST', `${path} ${what} within ${boundMs} ms`);
      });
    } catch (error) {
      throw cardError(path, error) satisfies ScoringError;
    }
  }
}

function isWell({ severity }: CardHealth): boolean {
  return severity === 'ok' || severity === 'warning';
}

/** A card that cannot even be asked, as a vendor's library may answer, is not well; who reports it must not fail. */
function healthOf(card: Card): CardHealth {
  try {
    return card.health();
  } catch (error) {
    return { severity: 'unknown', memoryErrors: 0, text: (error as Error).message };
  }
}
