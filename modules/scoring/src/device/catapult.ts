import { availableParallelism } from 'node:os';
import { type Card, type CardKind, DeviceError, type LoadReport, openCard } from '@edgeslot/native';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { DEFAULT_LIMITS, type DecodeMode, type PictureLimits } from '../preprocess/limits.js';
import { cardError } from './card-error.js';
import type { CardLaneStart } from './card-lane-start.js';
import { type CardPlan, planForCard } from './card-network.js';
import type { CardReport, Device, DeviceInfo, FrameInput, FrameOutput } from './device.js';
import { type CardPlace, HeldCard, type HeldCardOptions } from './held-card.js';
import { Lane } from './lane.js';

export interface CatapultOptions extends CardPlace {
  readonly kind: CardKind;
  /** The fencing number of the lease; random without one. */
  readonly epoch?: (() => number) | undefined;
  readonly limits?: PictureLimits;
  /** Default `exact`. */
  readonly decode?: DecodeMode;
  /** The value in force, in milliseconds. */
  readonly loadTimeoutMs?: () => number;
  /** Milliseconds for one run on the card; FPGACoreLib's default. */
  readonly runTimeoutMs?: number;
  /** Milliseconds between two looks at the card's registers while it holds a model. */
  readonly healthIntervalMs?: number;
  readonly open?: HeldCardOptions['open'];
  /** Milliseconds for which another holder of the card may still be on its way out. */
  readonly stillBusyMs?: number;
  /** Script of the lane's worker, for tests. */
  readonly worker?: URL;
}

interface Loaded {
  readonly model: Package;
  readonly plan: CardPlan;
  readonly lane: Lane;
  readonly load: LoadReport;
}

interface Prepared {
  readonly model: Package;
  readonly plan: CardPlan;
  /** When the card was open already; its worker is attached to that very handle. */
  readonly lane?: Promise<Lane>;
  readonly card?: Card;
}

const LOAD_TIMEOUT_MS = 120_000;
const RUN_TIMEOUT_MS = 10_000;
const HEALTH_INTERVAL_MS = 5000;
/** What a picture may take beside its run: decoding, tail and classifier. */
const BESIDE_RUN_MS = 5000;
/** The tail and the classifier are small; one lane keeps the card busy. */
const MOST_THREADS = 4;
/** Before the card is open: one is computed, the next decoded. */
const USUAL_CAPACITY = 2;

/**
 * Runs models on a Catapult card: its featurizer there, decoding, tail and classifier in one worker thread here. A card
 * that fails loses its model; the next load resets it, or opens it anew.
 */
export class Catapult implements Device {
  readonly #options: CatapultOptions;
  readonly #held: HeldCard;
  readonly #threads = Math.min(MOST_THREADS, availableParallelism());
  readonly #listeners: ((error: Error) => void)[] = [];
  #loaded: Loaded | undefined;
  #loading: { readonly model: Package; readonly abort: AbortController; readonly done: Promise<unknown> } | undefined;
  #prepared: Prepared | undefined;
  #watch: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(options: CatapultOptions) {
    this.#options = options;
    this.#held = new HeldCard({ ...options, open: options.open ?? openCard });
  }

  get path(): string {
    return this.#options.path;
  }

  get info(): DeviceInfo {
    const { path } = this.#options;
    const kind = this.#held.card?.info.kind ?? this.#options.kind;
    const card = this.report;
    const facts = [
      ...(kind === 'virtual-card' ? ['no hardware'] : []),
      `at ${path}`,
      ...(card.identity.driver === undefined ? [] : [`driver ${card.identity.driver}`]),
    ];
    return { kind, description: facts.join(', '), lanes: 1, threadsPerLane: this.#threads, card };
  }

  get report(): CardReport {
    const { load, plan } = this.#loaded ?? {};
    const modelled = {
      ...(load?.modelledMs !== undefined && { loadMs: load.modelledMs }),
      ...(plan?.time && { runMs: plan.time.ms }),
    };
    const { report } = this.#held;
    return { ...report, ...(Object.keys(modelled).length > 0 && { modelled }), failures: this.#failures };
  }

  get capacity(): number {
    return this.#held.card?.capacity ?? USUAL_CAPACITY;
  }

  /** @throws ScoringError DEVICE_UNSUITABLE, PACKAGE_GRAPH of the tail or the classifier, DEVICE_LOST, CANCELLED */
  async prepare(model: Package, signal: AbortSignal): Promise<void> {
    await this.#discard();
    const plan = await planForCard(model);
    if (signal.aborted) throw scoringError('CANCELLED');
    const { card } = this.#held;
    if (!card) {
      this.#prepared = { model, plan };
      return;
    }
    const abort = new AbortController();
    const lane = this.#startLane(model, plan, card, abort.signal);
    const prepared: Prepared = { model, plan, card, lane };
    this.#prepared = prepared;
    const giveUp = () => {
      if (this.#prepared !== prepared) return;
      abort.abort();
      void this.#discard();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    await lane;
  }

  /**
   * @throws ScoringError DEVICE_UNSUITABLE when no card runs the package, DEVICE_REFUSED or DEVICE_LOST when this one does
   * not now, PACKAGE_GRAPH, CANCELLED
   */
  async load(model: Package, signal?: AbortSignal): Promise<void> {
    const held = this.#loading?.model ?? this.#loaded?.model;
    if (held) throw scoringError('DEVICE_BUSY', formatModelId(held.id));
    const abort = new AbortController();
    const loading = this.#load(model, signal ? AbortSignal.any([signal, abort.signal]) : abort.signal, abort);
    this.#loading = { model, abort, done: loading.catch(() => {}) };
    try {
      this.#loaded = await loading;
      this.#watchHealth();
    } catch (error) {
      const known = asScoringError(error);
      if (known.code === 'DEVICE_LOST' || known.code === 'DEVICE_REFUSED') this.#failures++;
      throw signal?.aborted ? scoringError('CANCELLED') : known;
    } finally {
      this.#loading = undefined;
    }
  }

  async score(input: FrameInput, signal?: AbortSignal): Promise<FrameOutput> {
    if (signal?.aborted) throw scoringError('CANCELLED');
    const loaded = this.#loaded;
    if (!loaded) throw scoringError('DEVICE_EMPTY');
    if (loaded.lane.inFlight >= 2 * this.capacity) throw scoringError('QUEUE_FULL', 2 * this.capacity);
    try {
      return await loaded.lane.score(input);
    } catch (error) {
      const known = asScoringError(error);
      if (known.code === 'DEVICE_LOST') this.#lose(loaded, known);
      throw known;
    }
  }

  async unload(): Promise<void> {
    this.#loading?.abort.abort();
    await this.#loading?.done;
    const loaded = this.#loaded;
    this.#forget();
    if (!loaded) return;
    await Promise.all([loaded.lane.stop(), this.#emptyCard()]);
  }

  async health(): Promise<{ ok: boolean; text: string }> {
    const { health, temperature } = this.#held.report;
    if (!health) return { ok: true, text: `${this.path} is not open` };
    const holds = this.#loaded ? `holds ${formatModelId(this.#loaded.model.id)}` : 'holds no model';
    const warmth = temperature === undefined ? [] : [`${temperature} °C`];
    return { ok: health.ok, text: [this.info.description, health.text, ...warmth, holds].join(', ') };
  }

  /**
   * Opens the card if it is not, resets it if it failed, and looks whether it is well.
   *
   * @throws ScoringError DEVICE_REFUSED, DEVICE_LOST
   */
  async tryOut(): Promise<void> {
    await this.#held.take();
  }

  async release(): Promise<void> {
    await this.unload();
    await this.#discard();
    await this.#held.close();
  }

  close(): Promise<void> {
    return this.release();
  }

  onLost(listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  get #loadTimeoutMs(): number {
    return this.#options.loadTimeoutMs?.() ?? LOAD_TIMEOUT_MS;
  }

  async #load(model: Package, signal: AbortSignal, abort: AbortController): Promise<Loaded> {
    const prepared = this.#prepared?.model === model ? this.#prepared : undefined;
    if (!prepared) await this.#discard();
    const plan = prepared?.plan ?? (await planForCard(model));
    const card = await this.#held.take();
    signal.throwIfAborted();
    const waited = prepared?.card === card ? await prepared.lane?.catch(() => undefined) : undefined;
    // One that died while it waited is made anew.
    const ready = waited?.ready ? waited : undefined;
    if (ready) this.#prepared = undefined;
    else await this.#discard();
    const giveUp = (error: unknown): never => {
      abort.abort();
      throw error;
    };
    const timeoutMs = this.#loadTimeoutMs;
    const [uploaded, started] = await Promise.allSettled([
      card.load(plan.network, { signal, timeoutMs }).catch(giveUp),
      (ready ? Promise.resolve(ready) : this.#startLane(model, plan, card, signal)).catch(giveUp),
    ]);
    if (uploaded.status === 'fulfilled' && started.status === 'fulfilled' && started.value.ready) {
      return { model, plan, lane: started.value, load: uploaded.value };
    }
    if (started.status === 'fulfilled') await started.value.stop();
    if (uploaded.status === 'fulfilled') await this.#emptyCard();
    throw this.#whyNot(model, uploaded, started);
  }

  /** The first failure gave the other one up, and that is not the reason to tell. */
  #whyNot(
    model: Package,
    uploaded: PromiseSettledResult<LoadReport>,
    started: PromiseSettledResult<Lane>,
  ): ScoringError {
    if (uploaded.status === 'rejected' && uploaded.reason instanceof DeviceError) {
      const { status, message, severity } = uploaded.reason;
      if (severity !== 'request') this.#held.suspect();
      if (status === 'INCOMPATIBLE') return scoringError('DEVICE_UNSUITABLE', formatModelId(model.id), message);
      if (status !== 'CANCELLED') return cardError(this.path, uploaded.reason);
    }
    if (started.status === 'rejected') return asScoringError(started.reason);
    if (uploaded.status === 'fulfilled') return scoringError('DEVICE_LOST', 'its lane died while loading');
    return scoringError('CANCELLED');
  }

  #startLane(model: Package, plan: CardPlan, card: Card, signal: AbortSignal | undefined): Promise<Lane> {
    const { directory, manifest } = model;
    const { limits = DEFAULT_LIMITS, decode = 'exact' } = this.#options;
    const { runTimeoutMs = RUN_TIMEOUT_MS, path } = this.#options;
    const { tail, network } = plan;
    const start: CardLaneStart = {
      ...{ directory, manifest, threads: this.#threads, limits, decode },
      card: { token: card.token, path, output: network.output, runTimeoutMs, ...(tail && { tail }) },
    };
    let lane: Lane | undefined;
    const starting = Lane.start({
      start,
      worker: this.#options.worker ?? new URL('./card-lane-worker.js', import.meta.url),
      loadTimeoutMs: this.#loadTimeoutMs,
      pictureTimeoutMs: runTimeoutMs + BESIDE_RUN_MS,
      signal,
      onLost: (error) => {
        if (lane && this.#loaded?.lane === lane) this.#lose(this.#loaded, error);
      },
    });
    starting.then(
      (started) => {
        lane = started;
      },
      () => {},
    );
    return starting;
  }

  #lose(loaded: Loaded, error: ScoringError): void {
    if (this.#loaded !== loaded) return;
    this.#failures++;
    this.#held.suspect();
    this.#forget();
    void loaded.lane.stop();
    for (const listener of this.#listeners) listener(error);
  }

  #forget(): void {
    this.#loaded = undefined;
    clearInterval(this.#watch);
  }

  /** A card that is gone, or too hot, answers nothing: better known before a frame waits for it in vain. */
  #watchHealth(): void {
    const { healthIntervalMs = HEALTH_INTERVAL_MS } = this.#options;
    this.#watch = setInterval(() => {
      const { health } = this.#held.report;
      if (!this.#loaded || !health || health.ok) return;
      this.#lose(this.#loaded, scoringError('DEVICE_LOST', `${this.path}: ${health.text}`));
    }, healthIntervalMs);
    this.#watch.unref();
  }

  async #emptyCard(): Promise<void> {
    try {
      await this.#held.card?.unload();
    } catch {
      this.#held.suspect();
    }
  }

  async #discard(): Promise<void> {
    const lane = this.#prepared?.lane;
    this.#prepared = undefined;
    await lane?.then(
      (one) => one.stop(),
      () => {},
    );
  }
}
