import { scoringError } from '../errors.js';
import type { Recipe } from '../model/manifest.js';
import { Decoder } from './decode.js';
import { DEFAULT_LIMITS, type PictureLimits } from './limits.js';
import { Sampler } from './sampler.js';
import { CropError } from './sampling-plan.js';

export interface PreprocessedImage {
  /** `height × width × 3` floats in the recipe's layout. */
  readonly tensor: Float32Array;
  readonly height: number;
  readonly width: number;
}

/**
 * One encoded picture (JPEG, PNG, static GIF) to one tensor, exactly as scoring does it.
 *
 * @throws ScoringError IMAGE_EMPTY, IMAGE_FORMAT, IMAGE_CORRUPT, IMAGE_TOO_LARGE, IMAGE_CROP
 */
export async function preprocessImage(
  bytes: Uint8Array,
  recipe: Recipe,
  limits: PictureLimits = DEFAULT_LIMITS,
): Promise<PreprocessedImage> {
  const preprocessor = new Preprocessor(recipe, new Decoder({ limits }));
  const tensor = new Float32Array(preprocessor.size);
  await preprocessor.run(bytes, 'image', tensor);
  return { tensor, height: preprocessor.height, width: preprocessor.width };
}

/** Decoder and sampler of one recipe, for many pictures, one at a time: buffers and plans are reused. */
export class Preprocessor {
  readonly #decoder: Decoder;
  readonly #sampler: Sampler;

  constructor(recipe: Recipe, decoder: Decoder) {
    this.#decoder = decoder;
    this.#sampler = new Sampler(recipe);
  }

  get size(): number {
    return this.#sampler.size;
  }
  get height(): number {
    return this.#sampler.height;
  }
  get width(): number {
    return this.#sampler.width;
  }

  /** Fills `target` and returns how many milliseconds each step took. */
  async run(bytes: Uint8Array, where: string, target: Float32Array): Promise<{ decode: number; sample: number }> {
    const start = performance.now();
    const pixels = await this.#decoder.decode(bytes, where);
    const decoded = performance.now();
    try {
      this.#sampler.sample(pixels, target);
    } catch (error) {
      if (!(error instanceof CropError)) throw error;
      throw scoringError('IMAGE_CROP', where, error.size, error.crop, error.resized);
    }
    return { decode: decoded - start, sample: performance.now() - decoded };
  }
}
