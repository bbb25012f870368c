import type { SourceConfig } from '../config/camera-config.js';
import { FolderSource } from './folder-source.js';
import { SceneSource } from './scene-source.js';

export interface Picture {
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** Where a camera's pictures come from. */
export interface FrameSource {
  /** Takes the picture of a frame. */
  take(frame: number): Promise<Picture>;
  /** The seed that the frame is known by, if it is a synthetic one. */
  seedOf(frame: number): number | undefined;
}

export function makeSource(config: SourceConfig): FrameSource {
  return config.type === 'scene' ? new SceneSource(config.seed) : new FolderSource(config.path);
}
