import type { Recipe } from '../model/manifest.js';
import type { Pixels } from './decode.js';
import { planSampling, type SamplingPlan } from './sampling-plan.js';

/**
 * Turns decoded pixels into the featurizer's input tensor: resize, central crop, means, channel order, scale, layout, in
 * one pass and in float32 at every step. Equals TensorFlow's own result bit for bit on the same pixels.
 *
 * Keeps the plan of the last picture size, because a camera sends one size.
 */
export class Sampler {
  readonly #recipe: Recipe;
  #plan: { readonly width: number; readonly height: number; readonly plan: SamplingPlan } | undefined;
  readonly height: number;
  readonly width: number;

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
    this.height = recipe.resize.height;
    this.width = recipe.resize.width;
  }

  /** Floats of one tensor: height × width × 3. */
  get size(): number {
    return this.height * this.width * 3;
  }

  /**
   * @param target receives `size` floats from its start
   * @throws CropError when the picture is too small for the crop after resizing
   */
  sample(pixels: Pixels, target: Float32Array): void {
    const { x, y } = this.#planFor(pixels.width, pixels.height);
    const { channels, mean, scale, layout } = this.#recipe;
    const { rgb } = pixels;
    const factor = Math.fround(scale);
    const stride = pixels.width * 3;
    const planes = layout === 'NCHW';
    const step = planes ? 1 : 3;
    const plane = planes ? this.height * this.width : 1;
    for (let source = 0; source < 3; source++) {
      const average = Math.fround(mean[source as 0 | 1 | 2]);
      let to = (channels === 'RGB' ? source : 2 - source) * plane;
      for (let row = 0; row < this.height; row++) {
        const top = y.low[row]! * stride + source;
        const bottom = y.high[row]! * stride + source;
        const yWeight = y.weight[row]!;
        for (let column = 0; column < this.width; column++, to += step) {
          const left = x.low[column]! * 3;
          const right = x.high[column]! * 3;
          const xWeight = x.weight[column]!;
          const upper = lerp(rgb[top + left]!, rgb[top + right]!, xWeight);
          const lower = lerp(rgb[bottom + left]!, rgb[bottom + right]!, xWeight);
          target[to] = Math.fround(Math.fround(lerp(upper, lower, yWeight) - average) * factor);
        }
      }
    }
  }

  #planFor(width: number, height: number): SamplingPlan {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = { width, height, plan: planSampling(width, height, this.#recipe.resize) };
    }
    return this.#plan.plan;
  }
}

function lerp(from: number, to: number, weight: number): number {
  return Math.fround(from + Math.fround(Math.fround(to - from) * weight));
}
