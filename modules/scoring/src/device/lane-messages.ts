import type { ModelManifest } from '../model/manifest.js';
import type { DecodeMode, PictureLimits } from '../preprocess/limits.js';
import type { FrameInput, FrameOutput } from './device.js';

/** What a lane's worker is started with. */
export interface LaneStart {
  readonly directory: string;
  readonly manifest: ModelManifest;
  readonly threads: number;
  readonly limits: PictureLimits;
  /** Default `exact`. */
  readonly decode?: DecodeMode | undefined;
}

export interface PlainError {
  readonly code: string;
  readonly message: string;
}

export type LaneRequest =
  | { readonly type: 'score'; readonly id: number; readonly input: FrameInput }
  | { readonly type: 'stop' };

export type LaneMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly error: PlainError }
  | { readonly type: 'scored'; readonly id: number; readonly output: FrameOutput }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainError };
