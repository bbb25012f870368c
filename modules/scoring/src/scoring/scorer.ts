import type { FrameInput, FrameTimings, TensorData } from '../device/device.js';
import type { Package } from '../model/package.js';

/** One call from a door. Doors decode their protocol and nothing else. */
export interface ScoreRequest {
  readonly input: FrameInput;
  /** The model the caller named; absent means the loaded one. */
  readonly model?: { readonly name: string; readonly version?: number };
  /** `performance.now()` after which the answer is of no use: the work is dropped before the device. */
  readonly deadline: number;
  /** Aborted when the caller goes away. */
  readonly signal?: AbortSignal;
  /** Cameras have one pending frame each: a newer one replaces it. A call without one is never replaced. */
  readonly camera?: string;
}

export interface ScoreReply {
  /** The package that answered: id, labels, signature. */
  readonly model: Package;
  readonly outputs: readonly TensorData[];
  readonly timings: FrameTimings & { readonly queue: number; readonly total: number };
}

/** What the doors see of the house. Rejects with a ScoringError of the catalogue. */
export interface Scorer {
  score(request: ScoreRequest): Promise<ScoreReply>;
  /**
   * The package that a call for this model, or for none in particular, would be scored by now. Refuses what `score`
   * refuses, and does not wait where `score` does: in a swap it throws SLOT_NOT_AVAILABLE.
   */
  serving(model?: ScoreRequest['model']): Package;
}
