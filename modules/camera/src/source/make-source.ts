import type { SourceConfig } from '../config/camera-config.js';
import { FolderSource } from './folder-source.js';
import type { FrameSource } from './frame-source.js';
import { SceneSource } from './scene-source.js';

export function makeSource(config: SourceConfig): FrameSource {
  return config.type === 'scene' ? new SceneSource(config.seed) : new FolderSource(config.path);
}
