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
  readonly #resize: Recipe['resize'];
  readonly #means: readonly [number, number, number];
  readonly #scale: number;
  readonly #placing: Placing;
  #plan: { readonly width: number; readonly height: number; readonly plan: SamplingPlan } | undefined;
  readonly height: number;
  readonly width: number;

  constructor(recipe: Recipe) {
    this.#resize = recipe.resize;
    this.#means = [Math.fround(recipe.mean[0]), Math.fround(recipe.mean[1]), Math.fround(recipe.mean[2])];
    this.#scale = Math.fround(recipe.scale);
    this.#placing = place(recipe);
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
    const { rgb } = pixels;
    const { step, offsets } = this.#placing;
    const [red, green, blue] = offsets;
    const [meanRed, meanGreen, meanBlue] = this.#means;
    const scale = this.#scale;
    const stride = pixels.width * 3;
    let to = 0;
    for (let row = 0; row < this.height; row++) {
      const top = y.low[row]! * stride;
      const bottom = y.high[row]! * stride;
      const yWeight = y.weight[row]!;
      // The three channels are written out: a loop over them takes half as long again.
      for (let column = 0; column < this.width; column++, to += step) {
        const left = x.low[column]! * 3;
        const right = x.high[column]! * 3;
        const weight = x.weight[column]!;
        const [a, b, c, d] = [top + left, top + right, bottom + left, bottom + right];
        const r = blend(rgb[a]!, rgb[b]!, rgb[c]!, rgb[d]!, weight, yWeight);
        const g = blend(rgb[a + 1]!, rgb[b + 1]!, rgb[c + 1]!, rgb[d + 1]!, weight, yWeight);
        const l = blend(rgb[a + 2]!, rgb[b + 2]!, rgb[c + 2]!, rgb[d + 2]!, weight, yWeight);
        target[to + red] = Math.fround(r - meanRed) * scale;
        target[to + green] = Math.fround(g - meanGreen) * scale;
        target[to + blue] = Math.fround(l - meanBlue) * scale;
      }
    }
  }

  #planFor(width: number, height: number): SamplingPlan {
    if (this.#plan?.width !== width || this.#plan.height !== height) {
      this.#plan = { width, height, plan: planSampling(width, height, this.#resize) };
    }
    return this.#plan.plan;
  }
}

/** Where a pixel's values go: the distance to the next pixel, and the place of red, green and blue. */
interface Placing {
  readonly step: number;
  readonly offsets: readonly [red: number, green: number, blue: number];
}

function place({ channels, layout, resize }: Recipe): Placing {
  const plane = layout === 'NCHW' ? resize.height * resize.width : 1;
  return {
    step: layout === 'NCHW' ? 1 : 3,
    offsets: channels === 'RGB' ? [0, plane, 2 * plane] : [2 * plane, plane, 0],
  };
}

/** Along the row first, then down, as TensorFlow does; rounding to float32 comes after each operation. */
function blend(a: number, b: number, c: number, d: number, xWeight: number, yWeight: number): number {
  const upper = lerp(a, b, xWeight);
  return lerp(upper, lerp(c, d, xWeight), yWeight);
}

function lerp(from: number, to: number, weight: number): number {
  return Math.fround(from + Math.fround(Math.fround(to - from) * weight));
}
