import { createRequire } from 'node:module';
import { type ScoringError, scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { DEFAULT_LIMITS, type DecodeMode, type PictureLimits } from '../preprocess/limits.js';
import { samplingKernel } from '../preprocess/sampler-kernel.js';
import type { Device, DeviceInfo, FrameInput, FrameOutput, FrameScorer, LaneControl } from './device.js';
import { estimateLaneBytes } from './lane-bytes.js';
import { type LaneChoice, planText } from './lane-plan.js';
import { LaneSet } from './lane-set.js';
import { LaneSetting, type PlannedLanes, sameChoice } from './lane-setting.js';

export interface EmulatorOptions {
  /** Default `auto` for both. */
  readonly lanes?: LaneChoice;
  readonly limits?: PictureLimits;
  /** Default `exact`. */
  readonly decode?: DecodeMode;
  readonly loadTimeoutMs?: () => number;
  /** Milliseconds for one picture, after which a lane counts as lost. */
  readonly pictureTimeoutMs?: number;
  /** Milliseconds in which a lane's worker must have ended. */
  readonly stopTimeoutMs?: number;
  /** Bytes that this process may still take, for tests. */
  readonly freeBytes?: () => number;
  /** Script of the lanes' workers, for tests. */
  readonly worker?: URL;
}

const LOAD_TIMEOUT_MS = 120_000;

/** A model in its lanes. */
interface Loaded {
  readonly model: Package;
  readonly planned: PlannedLanes;
  readonly lanes: LaneSet;
}

/** A model that is being built beside the one that serves, or waits for its load. */
interface Preparation {
  readonly model: Package;
  readonly planned: PlannedLanes;
  readonly ready: Promise<Loaded>;
  /** Lets no signal give it up any longer. */
  readonly keep: () => void;
  readonly giveUp: () => void;
}

/** Runs models on the CPU with onnxruntime, in lanes: what a host without a card uses. It never claims to be one. */
export class Emulator implements Device {
  readonly #options: EmulatorOptions;
  readonly #setting: LaneSetting;
  readonly #runtime: string;
  readonly #listeners: ((error: Error) => void)[] = [];
  #loaded: Loaded | undefined;
  #loading: { readonly model: Package; readonly abort: AbortController; readonly done: Promise<unknown> } | undefined;
  #prepared: Preparation | undefined;
  #ready: LaneSet | undefined;
  /** Threads of earlier models that have not ended yet. */
  #ending: Promise<unknown> = Promise.resolve();

  /** @throws ScoringError DEVICE_NONE when onnxruntime is not installed for this platform */
  constructor(options: EmulatorOptions = {}) {
    this.#options = options;
    this.#runtime = `onnxruntime ${onnxruntimeVersion()}`;
    this.#setting = new LaneSetting(options.lanes, undefined, options.freeBytes);
  }

  get info(): DeviceInfo {
    const { plan } = this.#setting;
    const description = [
      this.#runtime,
      planText(plan),
      `${samplingKernel().name} sampler`,
      ...(this.#options.decode === 'fast' ? ['fast decoding'] : []),
    ].join(', ');
    return { kind: 'emulator', description, ...plan };
  }

  get capacity(): number {
    return this.#loaded?.lanes.capacity ?? 1;
  }

  get laneControl(): LaneControl {
    return this.#setting;
  }

  /** Starts the lanes of a model beside those of the loaded one; `load` then has only to change over. */
  async prepare(model: Package, signal: AbortSignal): Promise<void> {
    this.#discard();
    await this.#ending;
    if (signal.aborted) throw scoringError('CANCELLED');
    const planned = this.#plan(model);
    this.#setting.checkRoom(formatModelId(model.id), planned);
    const abort = new AbortController();
    const giveUp = () => this.#discard(preparation);
    const preparation: Preparation = {
      model,
      planned,
      ready: this.#build(model, planned, abort.signal),
      keep: () => signal.removeEventListener('abort', giveUp),
      giveUp: () => abort.abort(),
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#prepared = preparation;
    try {
      const { lanes } = await preparation.ready;
      if (this.#prepared === preparation) this.#ready = lanes;
    } catch (error) {
      this.#discard(preparation);
      throw error;
    }
  }

  get prepared(): FrameScorer | undefined {
    return this.#ready;
  }

  async load(model: Package, signal?: AbortSignal): Promise<void> {
    const held = this.#loading?.model ?? this.#loaded?.model;
    if (held) throw scoringError('DEVICE_BUSY', formatModelId(held.id));
    const abort = new AbortController();
    const cancel = () => abort.abort();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    const loaded = this.#lanesFor(model, abort.signal);
    const done = loaded.catch(() => {});
    this.#loading = { model, abort, done };
    try {
      this.#loaded = await loaded;
      this.#setting.load(this.#loaded.planned);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.#loading = undefined;
    }
  }

  score(input: FrameInput, signal?: AbortSignal): Promise<FrameOutput> {
    return this.#loaded?.lanes.score(input, signal) ?? Promise.reject(scoringError('DEVICE_EMPTY'));
  }

  /** The threads end behind the back of what comes next: a prepared model serves meanwhile, any other load awaits it. */
  async unload(): Promise<void> {
    this.#loading?.abort.abort();
    await this.#loading?.done;
    this.#empty();
  }

  async release(): Promise<void> {
    await this.unload();
    await this.#ending;
  }

  async health(): Promise<{ ok: boolean; text: string }> {
    const model = this.#loaded && formatModelId(this.#loaded.model.id);
    return { ok: true, text: model === undefined ? 'holds no model' : `${this.info.description}, holds ${model}` };
  }

  close(): Promise<void> {
    this.#discard();
    return this.release();
  }

  onLost(listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  #plan({ manifest }: Package): PlannedLanes {
    return this.#setting.next(estimateLaneBytes(manifest));
  }

  /** What was prepared, if it is of this very package and of the lanes that are wished for now. */
  #takePrepared(model: Package): Preparation | undefined {
    const prepared = this.#prepared;
    if (prepared?.model !== model || !sameChoice(prepared.planned.choice, this.#setting.choice)) {
      this.#discard();
      return undefined;
    }
    prepared.keep();
    this.#prepared = undefined;
    this.#ready = undefined;
    return prepared;
  }

  async #lanesFor(model: Package, signal: AbortSignal): Promise<Loaded> {
    const prepared = this.#takePrepared(model);
    if (prepared) {
      signal.addEventListener('abort', prepared.giveUp, { once: true });
      const loaded = await prepared.ready;
      if (loaded.lanes.ready) return loaded;
      // They died while they waited.
      this.#end(loaded.lanes.stop());
    }
    // Only when nothing of the last model is left is there the memory that was free before it.
    await this.#ending;
    return this.#build(model, this.#plan(model), signal);
  }

  async #build(model: Package, planned: PlannedLanes, signal: AbortSignal): Promise<Loaded> {
    const { limits = DEFAULT_LIMITS, decode = 'exact', worker, pictureTimeoutMs, stopTimeoutMs } = this.#options;
    const { directory, manifest } = model;
    const { lanes: count, threadsPerLane: threads } = planned.plan;
    const lanes = await LaneSet.start({
      start: { directory, manifest, threads, limits, decode },
      lanes: count,
      worker,
      loadTimeoutMs: this.#options.loadTimeoutMs?.() ?? LOAD_TIMEOUT_MS,
      pictureTimeoutMs,
      stopTimeoutMs,
      signal,
      onLost: (error, of) => this.#lost(of, error),
    });
    return { model, planned, lanes };
  }

  /** Gives up what was prepared. */
  #discard(preparation = this.#prepared): void {
    if (!preparation || this.#prepared !== preparation) return;
    this.#prepared = undefined;
    this.#ready = undefined;
    preparation.keep();
    preparation.giveUp();
    this.#end(
      preparation.ready.then(
        ({ lanes }) => lanes.stop(),
        () => {},
      ),
    );
  }

  #empty(): void {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    this.#setting.unload();
    if (loaded) this.#end(loaded.lanes.stop());
  }

  #end(stopped: Promise<unknown>): void {
    this.#ending = Promise.all([this.#ending, stopped]);
  }

  /** One dead lane loses the model: the survivors are stopped, and the slot loads it again. */
  #lost(lanes: LaneSet, error: ScoringError): void {
    // Of lanes that only wait for their load, that load will build others.
    if (this.#loaded?.lanes !== lanes) return;
    this.#empty();
    for (const listener of this.#listeners) listener(error);
  }
}

function onnxruntimeVersion(): string {
  const require = createRequire(import.meta.url);
  try {
    // Resolved, not loaded: its native library belongs in the workers only.
    const { version } = require('onnxruntime-node/package.json') as { version: string };
    return version;
  } catch (error) {
    throw scoringError('DEVICE_NONE', `onnxruntime is not installed: ${(error as Error).message.split('\n')[0]}`);
  }
}
