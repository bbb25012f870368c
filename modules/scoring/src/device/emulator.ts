import { createRequire } from 'node:module';
import { type ScoringError, scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { DEFAULT_LIMITS, type DecodeMode, type PictureLimits } from '../preprocess/limits.js';
import { samplingKernel } from '../preprocess/sampler-kernel.js';
import type { Device, DeviceInfo, FrameInput, FrameOutput, LaneControl } from './device.js';
import { Lane, type LaneOptions } from './lane.js';
import { estimateLaneBytes } from './lane-bytes.js';
import { type LaneChoice, planText } from './lane-plan.js';
import { LaneSetting } from './lane-setting.js';

export interface EmulatorOptions {
  /** Default `auto` for both. */
  readonly lanes?: LaneChoice;
  readonly limits?: PictureLimits;
  /** Default `exact`. */
  readonly decode?: DecodeMode;
  readonly loadTimeoutMs?: number;
  /** Milliseconds for one picture, after which a lane counts as lost. */
  readonly pictureTimeoutMs?: number;
  /** Milliseconds in which a lane's worker must have ended. */
  readonly stopTimeoutMs?: number;
  /** Script of the lanes' workers, for tests. */
  readonly worker?: URL;
}

const LOAD_TIMEOUT_MS = 120_000;

/** Runs models on the CPU with onnxruntime, in lanes: what a host without a card uses. It never claims to be one. */
export class Emulator implements Device {
  readonly #setting: LaneSetting;
  readonly #runtime: string;
  readonly #limits: PictureLimits;
  readonly #decode: DecodeMode;
  readonly #bounds: Pick<LaneOptions, 'loadTimeoutMs' | 'pictureTimeoutMs' | 'stopTimeoutMs'>;
  readonly #worker: URL | undefined;
  readonly #listeners: ((error: Error) => void)[] = [];
  #lanes: readonly Lane[] = [];
  #model: Package | undefined;
  #loading: { readonly model: Package; readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  /** @throws ScoringError DEVICE_NONE when onnxruntime is not installed for this platform */
  constructor(options: EmulatorOptions = {}) {
    const { limits = DEFAULT_LIMITS, loadTimeoutMs = LOAD_TIMEOUT_MS } = options;
    this.#runtime = `onnxruntime ${onnxruntimeVersion()}`;
    this.#setting = new LaneSetting(options.lanes);
    this.#limits = limits;
    this.#decode = options.decode ?? 'exact';
    const { pictureTimeoutMs, stopTimeoutMs } = options;
    this.#bounds = { loadTimeoutMs, pictureTimeoutMs, stopTimeoutMs };
    this.#worker = options.worker;
  }

  get info(): DeviceInfo {
    const { plan } = this.#setting;
    const description = [
      this.#runtime,
      planText(plan),
      `${samplingKernel().name} sampler`,
      ...(this.#decode === 'fast' ? ['fast decoding'] : []),
    ].join(', ');
    return { kind: 'emulator', description, ...plan };
  }

  get capacity(): number {
    return Math.max(1, this.#lanes.length);
  }

  get laneControl(): LaneControl {
    return this.#setting;
  }

  async load(model: Package, signal?: AbortSignal): Promise<void> {
    const held = this.#loading?.model ?? this.#model;
    if (held) throw scoringError('DEVICE_BUSY', formatModelId(held.id));
    const abort = new AbortController();
    const both = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal;
    const start = this.#startLanes(model, both, abort);
    const done = start.then(
      () => {},
      () => {},
    );
    this.#loading = { model, abort, done };
    try {
      this.#lanes = await start;
      this.#model = model;
    } finally {
      this.#loading = undefined;
      if (!this.#model) this.#setting.unload();
    }
  }

  score(input: FrameInput, signal?: AbortSignal): Promise<FrameOutput> {
    if (signal?.aborted) return Promise.reject(scoringError('CANCELLED'));
    const lane = this.#lanes.toSorted((a, b) => a.inFlight - b.inFlight)[0];
    if (!lane) return Promise.reject(scoringError('DEVICE_EMPTY'));
    // The queue keeps to the capacity; this is the bound for anybody else. One frame runs, one is staged.
    if (lane.inFlight >= 2) return Promise.reject(scoringError('QUEUE_FULL', 2 * this.capacity));
    return lane.score(input);
  }

  async unload(): Promise<void> {
    this.#loading?.abort.abort();
    await this.#loading?.done;
    const lanes = this.#lanes;
    this.#empty();
    await Promise.all(lanes.map((lane) => lane.stop()));
  }

  async health(): Promise<{ ok: boolean; text: string }> {
    const text = this.#model ? `${this.info.description}, holds ${formatModelId(this.#model.id)}` : 'holds no model';
    return { ok: true, text };
  }

  close(): Promise<void> {
    return this.unload();
  }

  onLost(listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  #empty(): void {
    this.#lanes = [];
    this.#model = undefined;
    this.#setting.unload();
  }

  /** All lanes or none. */
  async #startLanes(model: Package, signal: AbortSignal, abort: AbortController): Promise<Lane[]> {
    const { directory, manifest } = model;
    const plan = this.#setting.load(estimateLaneBytes(manifest));
    const start = {
      directory,
      manifest,
      threads: plan.threadsPerLane,
      limits: this.#limits,
      decode: this.#decode,
    };
    const lanes: Lane[] = [];
    const onLost = (error: ScoringError) => this.#lost(lanes, error);
    const options = { start, worker: this.#worker, ...this.#bounds, signal, onLost };
    const started = await Promise.allSettled(
      Array.from({ length: plan.lanes }, () =>
        Lane.start(options).catch((error: unknown) => {
          abort.abort();
          throw error;
        }),
      ),
    );
    lanes.push(...started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    const failures = started.flatMap((one) => (one.status === 'rejected' ? [one.reason as ScoringError] : []));
    // The first failure aborts the other lanes; that abort is not the reason to tell.
    const died = lanes.every((lane) => lane.ready)
      ? undefined
      : scoringError('DEVICE_LOST', 'a lane died while loading');
    const failure = failures.find((one) => one.code !== 'CANCELLED') ?? failures[0] ?? died;
    if (!failure) return lanes;
    await Promise.all(lanes.map((lane) => lane.stop()));
    throw failure;
  }

  /** One dead lane loses the model: the survivors are stopped, and the slot loads it again. */
  #lost(lanes: readonly Lane[], error: ScoringError): void {
    if (this.#lanes !== lanes) return;
    this.#empty();
    void Promise.all(lanes.map((lane) => lane.stop()));
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
