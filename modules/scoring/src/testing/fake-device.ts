import type { Device, DeviceInfo, FrameInput, FrameOutput, FrameScorer } from '../device/device.js';
import { scoringError } from '../errors.js';
import type { ModelManifest } from '../model/manifest.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { RECIPE } from './tiny-package.js';

/** A package without files, for tests that run no graph. */
export function fakePackage(name: string, version = 1): Package {
  const manifest: ModelManifest = {
    schemaVersion: 1,
    name,
    version,
    tags: {},
    created: '2026-01-01T00:00:00Z',
    network: 'fake',
    numerics: 'float32',
    signature: {
      inputs: { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } },
      outputs: { output_alias: { tensor: 'out', dtype: 'float', shape: [-1, 2] } },
    },
    preprocessing: RECIPE,
    postprocessing: { type: 'softmax', labels: 'labels.txt' },
    featurizer: {
      file: 'featurizer.onnx',
      input: { name: 'in', shape: [-1, 224, 224, 3] },
      outputs: [{ name: 'features', shape: [-1, 1, 1, 3] }],
    },
    classifier: {
      file: 'classifier.onnx',
      input: { name: 'features', shape: [-1, 1, 1, 3] },
      outputs: [{ name: 'out', shape: [-1, 2] }],
    },
    files: {},
  };
  return { id: { name, version }, directory: '/nowhere', manifest, labels: ['no', 'yes'] };
}

/** A device in memory that checks how it is used: one model at a time, no frame without one. */
export class FakeDevice implements Device {
  readonly info: DeviceInfo = { kind: 'emulator', description: 'fake', lanes: 1, threadsPerLane: 1 };
  readonly capacity: number;
  /** Everything that was done to it, in order. */
  readonly log: string[] = [];
  /** Each may be replaced: what a load or a frame does before it succeeds. */
  onLoad: (model: Package, signal?: AbortSignal) => Promise<void> = async () => {};
  onScore: (input: FrameInput) => Promise<void> = async () => {};
  inFlight = 0;
  #held: Package | undefined;
  #busy = false;
  readonly #listeners: ((error: Error) => void)[] = [];

  constructor(capacity = 1) {
    this.capacity = capacity;
  }

  get held(): string | undefined {
    return this.#held && formatModelId(this.#held.id);
  }

  async load(model: Package, signal?: AbortSignal): Promise<void> {
    const id = formatModelId(model.id);
    if (this.#held || this.#busy) throw scoringError('DEVICE_BUSY', this.held ?? 'another model');
    this.#busy = true;
    try {
      await this.bring(model, signal);
      this.#held = model;
      this.log.push(`load ${id}`);
    } finally {
      this.#busy = false;
    }
  }

  /** What a load does before the model is there. */
  protected bring(model: Package, signal?: AbortSignal): Promise<void> {
    return this.onLoad(model, signal);
  }

  async score(input: FrameInput): Promise<FrameOutput> {
    const model = this.#held;
    if (!model) throw scoringError('DEVICE_EMPTY');
    this.inFlight++;
    try {
      await this.onScore(input);
    } finally {
      this.inFlight--;
    }
    if (this.#held !== model) throw scoringError('DEVICE_LOST', 'the model went away');
    return answer();
  }

  async unload(): Promise<void> {
    if (this.#held) this.log.push(`unload ${this.held}${this.inFlight > 0 ? ` with ${this.inFlight} in flight` : ''}`);
    this.#held = undefined;
  }

  async health(): Promise<{ ok: boolean; text: string }> {
    return { ok: true, text: 'fake' };
  }

  close(): Promise<void> {
    return this.unload();
  }

  onLost(listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  /** The model disappears, as when a worker dies. */
  lose(text = 'struck'): void {
    if (!this.#held) return;
    this.log.push(`lose ${this.held}`);
    this.#held = undefined;
    for (const listener of this.#listeners) listener(scoringError('DEVICE_LOST', text));
  }
}

/** A device that can build a model beside the one that serves. */
export class PreparingDevice extends FakeDevice {
  /** May be replaced: what a preparation does before it succeeds. */
  onPrepare: (model: Package, signal: AbortSignal) => Promise<void> = async () => {};
  /** May be replaced: what a frame on the prepared model does. */
  onTry: (model: Package) => Promise<void> = async () => {};
  #ready: Package | undefined;

  /** The id of what is prepared and neither loaded nor given up. */
  get ready(): string | undefined {
    return this.#ready && formatModelId(this.#ready.id);
  }

  get prepared(): FrameScorer | undefined {
    const model = this.#ready;
    if (!model) return undefined;
    return {
      capacity: 1,
      score: async () => {
        await this.onTry(model);
        if (this.#ready !== model) throw scoringError('DEVICE_EMPTY');
        return answer();
      },
    };
  }

  async prepare(model: Package, signal: AbortSignal): Promise<void> {
    this.#giveUp();
    signal.throwIfAborted();
    await this.onPrepare(model, signal);
    signal.throwIfAborted();
    this.#ready = model;
    this.log.push(`prepare ${formatModelId(model.id)}`);
    signal.addEventListener('abort', () => this.#ready === model && this.#giveUp(), { once: true });
  }

  protected override async bring(model: Package, signal?: AbortSignal): Promise<void> {
    const ready = this.#ready === model;
    if (!ready) this.#giveUp();
    this.#ready = undefined;
    if (!ready) await super.bring(model, signal);
  }

  #giveUp(): void {
    if (this.#ready) this.log.push(`give up ${this.ready}`);
    this.#ready = undefined;
  }
}

function answer(): FrameOutput {
  const data = Float32Array.from([0.25, 0.75]);
  const timings = { decode: 0, sample: 0, featurize: 0, classify: 0 };
  return { outputs: [{ name: 'out', shape: [1, 2], data }], timings };
}

/** A promise that a test settles when it likes. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
