import type { ErrorCode } from './errors.js';
import type { Inference } from './http/inferences.js';
import type { ModelManifest } from './model/manifest.js';

interface Frame {
  /** As the caller named it; the caller's address when it did not. */
  readonly camera: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** A camera's frame and what was seen in it, which may be nothing. */
export interface ScoredFrame extends Frame {
  /** `name:version` */
  readonly model: string;
  readonly numerics: ModelManifest['numerics'];
  /** The kind of device that computed it. */
  readonly device: string;
  /** What kind of file the picture was: `jpg`, `png`, `gif`. */
  readonly picture: string;
  readonly inferences: readonly Inference[];
  readonly latencyMs: number;
}

/** A camera's frame of which nobody knows what there was to see. */
export interface FailedFrame extends Frame {
  readonly error: { readonly code: ErrorCode; readonly text: string };
}

export type CameraFrame = ScoredFrame | FailedFrame;
