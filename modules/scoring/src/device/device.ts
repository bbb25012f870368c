import type { Package } from '../model/package.js';
import type { LaneChoice } from './lane-plan.js';

export type DeviceChoice = 'auto' | 'catapult' | 'emulator';
export type DeviceKind = 'catapult' | 'virtual-card' | 'emulator';

/** One output of a scored request: float32, batch first. */
export interface TensorData {
  /** Name of the graph output it comes from. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a lane is given: encoded pictures, or a float32 tensor in the featurizer's layout. */
export type FrameInput =
  | { readonly kind: 'images'; readonly images: readonly Uint8Array[] }
  | { readonly kind: 'tensor'; readonly shape: readonly number[]; readonly data: Float32Array };

export interface FrameTimings {
  /** Milliseconds, each for the whole batch. */
  readonly decode: number;
  readonly sample: number;
  readonly featurize: number;
  readonly classify: number;
}

export interface FrameOutput {
  readonly outputs: readonly TensorData[];
  readonly timings: FrameTimings;
}

/** What the device says of itself; reported in the twin. */
export interface DeviceInfo {
  readonly kind: DeviceKind;
  /** One readable line: what it is, e.g. `onnxruntime 1.30.0, 1 lane of 2 threads`. */
  readonly description: string;
  readonly lanes: number;
  readonly threadsPerLane: number;
  /** Of a card. */
  readonly card?: CardReport;
}

/** What is known of a card, whether it holds the model or not. */
export interface CardReport {
  readonly path: string;
  /** What it says of itself, as far as it does: driver, shell, role, board, chip. */
  readonly identity: Readonly<Record<string, string>>;
  readonly health?: { readonly ok: boolean; readonly text: string };
  /** Degrees Celsius. */
  readonly temperature?: number;
  /** Of the loaded model: what hardware would take, by a model of it. Never measured. */
  readonly modelled?: { readonly loadMs?: number; readonly runMs?: number };
  /** Times that it lost its model or did not take one. */
  readonly failures: number;
  readonly resets: number;
  /** Answers to requests of a former owner, or that were given up: dropped. */
  readonly staleAnswers: number;
}

/** Of a device that computes on the host's cores. */
export interface LaneControl {
  readonly choice: LaneChoice;
  /** Whether no model is loaded for this choice. */
  readonly outdated: boolean;
  /**
   * For the next load.
   * @throws ScoringError LANES_IMPOSSIBLE on this host, or for the loaded model; the old choice stays then
   */
  choose(choice: LaneChoice): void;
}

/** A candidate that is not in use, and why. */
export interface RejectedDevice {
  readonly kind: DeviceKind;
  /** Of a card. */
  readonly path?: string;
  readonly reason: string;
}

/**
 * A device and why it is the one in use. Where a card may fail and come back, all of this is as it stands when it is
 * read.
 */
export interface DeviceSelection {
  readonly device: Device;
  readonly reason: string;
  readonly rejected: readonly RejectedDevice[];
  /** ISO 8601 time since when the present kind is in use. */
  readonly since?: string;
  /** The cards among the candidates, in use or not. */
  readonly cards?: readonly CardReport[];
  /** Calls `listener` whenever another device comes into use, or the reasons change. */
  onChange?(listener: () => void): void;
}

/** Something that answers frames. */
export interface FrameScorer {
  /** How many frames can be in it at once. */
  readonly capacity: number;
  score(input: FrameInput, signal?: AbortSignal): Promise<FrameOutput>;
}

/**
 * The device holds one model. `load` on a loaded device fails with DEVICE_BUSY; `score` without a model with
 * DEVICE_EMPTY. A lane does the whole frame: bytes in, decode, sample, featurizer, classifier, floats out.
 */
export interface Device extends FrameScorer {
  /** Lanes are the loaded model's; before there is one, what is expected. */
  readonly info: DeviceInfo;
  /** May differ from model to model. */
  readonly capacity: number;
  readonly laneControl?: LaneControl;
  /**
   * Makes what needs no empty device, while another model serves; the next `load` of the package then takes less time.
   * Aborting the signal, also later, gives it up again, and so does another `prepare`, the load of another package, or
   * `close`.
   *
   * @throws ScoringError SWAP_MEMORY when there is no room beside the model that serves, or what `load` throws
   */
  prepare?(model: Package, signal: AbortSignal): Promise<void>;
  /** The prepared model until it is loaded, where it can answer frames before. */
  readonly prepared?: FrameScorer | undefined;
  load(model: Package, signal?: AbortSignal): Promise<void>;
  /** Waits for nothing: the slot has drained before. Idempotent. */
  unload(): Promise<void>;
  /** Gives the hardware up until the next `load`, and resolves when nothing of the last model is left. Idempotent. */
  release?(): Promise<void>;
  health(): Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Releases everything; idempotent. */
  close(): Promise<void>;
  /** Called when the device loses its model on its own (a lane's worker died). */
  onLost(listener: (error: Error) => void): void;
  /** Called when the model would be better off loaded again: a card that had failed is well. */
  onReturn?(listener: () => void): void;
}
