import type { Recipe } from '../model/manifest.js';
import type { Pixels } from './decode.js';
import { type SamplingKernel, samplingKernel } from './sampler-kernel.js';
import { planSampling, type SamplingPlan } from './sampling-plan.js';

/**
 * Turns decoded pixels into the featurizer's input tensor: resize, central crop, means, channel order, scale, layout, in
 * one pass and in float32 at every step. On the same pixels it equals TensorFlow's own result, of two neighbours bit for
 * bit, of the filter within 0.0001 grey level.
 *
 * Keeps the plan of the last picture size, because a camera sends one size.
 */
export class Sampler {
  readonly #recipe: Recipe;
  readonly #kernel: SamplingKernel;
  #plan: SamplingPlan | undefined;
  readonly height: number;
  readonly width: number;

  constructor(recipe: Recipe, kernel: SamplingKernel = samplingKernel()) {
    this.#recipe = recipe;
    this.#kernel = kernel;
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
   * @throws RangeError when there are fewer pixels than the picture's size says, or too little room for the tensor
   */
  sample(pixels: Pixels, target: Float32Array): void {
    const { width, height, rgb } = pixels;
    if (!(width >= 1 && height >= 1 && rgb.length >= width * height * 3)) {
      throw new RangeError(`pixels: expected ${width}x${height}x3 bytes, found ${rgb.length}`);
    }
    if (target.length < this.size) {
      throw new RangeError(`target: expected room for ${this.size} floats, found ${target.length}`);
    }
    this.#kernel.sample(pixels, this.#planFor(width, height), target);
  }

  #planFor(width: number, height: number): SamplingPlan {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = planSampling(width, height, this.#recipe);
    }
    return this.#plan;
  }
}
