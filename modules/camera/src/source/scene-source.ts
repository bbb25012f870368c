import { renderFrame } from '../scene/index.js';
import type { FrameSource, Picture } from './frame-source.js';

/** The synthetic conveyor belt: frame n shows the scene of the first seed plus n. */
export class SceneSource implements FrameSource {
  constructor(private readonly seed: number) {}

  async take(frame: number): Promise<Picture> {
    return { bytes: await renderFrame(this.seedOf(frame)), contentType: 'image/jpeg' };
  }

  seedOf(frame: number): number {
    return (this.seed + frame) >>> 0;
  }
}
