import type { Recipe } from '../model/manifest.js';

/** One axis of a resized and cropped picture: for each destination pixel its two neighbours and the weight of the second. */
export interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float32Array;
}

export interface SamplingPlan {
  readonly x: Axis;
  readonly y: Axis;
}

/** A picture that cannot be cropped as the recipe asks. */
export class CropError extends Error {}

/**
 * Which source pixels each pixel of the tensor is made of. Only the crop is planned, so a strip of 1×65500 pixels costs
 * no more than a square.
 *
 * Follows `preprocess_array` of Microsoft's accelerated models on TensorFlow 1.x in float32 at every step: the size rule
 * truncates, so a short side of 427 becomes 255 and not 256.
 *
 * @throws CropError when the resized picture is smaller than the crop
 */
export function planSampling(width: number, height: number, resize: Recipe['resize']): SamplingPlan {
  if (resize.mode === 'stretch') {
    return {
      x: planAxis(width, resize.width, 0, resize.width),
      y: planAxis(height, resize.height, 0, resize.height),
    };
  }
  const [resizedWidth, resizedHeight] = resizedSize(width, height, resize.shortSide);
  if (resizedWidth < resize.width || resizedHeight < resize.height) {
    const crop = `${resize.width}x${resize.height}`;
    throw new CropError(
      `Crop size greater than the image size: a crop of ${crop} from ${resizedWidth}x${resizedHeight}`,
    );
  }
  return {
    x: planAxis(width, resizedWidth, Math.trunc((resizedWidth - resize.width) / 2), resize.width),
    y: planAxis(height, resizedHeight, Math.trunc((resizedHeight - resize.height) / 2), resize.height),
  };
}

/** Width and height after the short side was brought to `shortSide`. */
export function resizedSize(width: number, height: number, shortSide: number): [width: number, height: number] {
  const scale = Math.fround(shortSide / Math.min(width, height));
  return [Math.trunc(Math.fround(width * scale)), Math.trunc(Math.fround(height * scale))];
}

/** Legacy bilinear sampling: source = destination × (in / out), without a half-pixel centre. */
function planAxis(sourceSize: number, resizedSize: number, offset: number, size: number): Axis {
  const scale = Math.fround(sourceSize / resizedSize);
  const axis = { low: new Int32Array(size), high: new Int32Array(size), weight: new Float32Array(size) };
  for (let i = 0; i < size; i++) {
    const position = Math.fround((offset + i) * scale);
    const low = Math.floor(position);
    axis.low[i] = low;
    axis.high[i] = Math.min(low + 1, sourceSize - 1);
    axis.weight[i] = position - low;
  }
  return axis;
}
