import type { Recipe } from '../model/manifest.js';

/** A picture as the recipe resizes it, in pixels, and the corner of the tensor's window in it. */
export interface Window {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
}

/** A picture that cannot be cropped as the recipe asks; all sizes in pixels, `width x height`. */
export class CropError extends Error {
  constructor(
    readonly size: string,
    readonly crop: string,
    readonly resized: string,
  ) {
    super(`a crop of ${crop} from ${resized}, which is what becomes of ${size}`);
  }
}

type Rounding = 'tensorflow' | 'torchvision';

/**
 * Where the tensor's pixels lie in the resized picture. Nothing is resized here.
 *
 * @throws CropError when the resized picture is smaller than the crop
 */
export function windowOf(width: number, height: number, resize: Recipe['resize']): Window {
  if (resize.mode === 'stretch') return { width: resize.width, height: resize.height, left: 0, top: 0 };
  const { shortSide, rounding = 'tensorflow' } = resize;
  const [resizedWidth, resizedHeight] = resizedSize(width, height, shortSide, rounding);
  if (resizedWidth < resize.width || resizedHeight < resize.height) {
    const text = (w: number, h: number) => `${w}x${h}`;
    throw new CropError(text(width, height), text(resize.width, resize.height), text(resizedWidth, resizedHeight));
  }
  const offset = rounding === 'tensorflow' ? Math.trunc : roundHalfToEven;
  return {
    width: resizedWidth,
    height: resizedHeight,
    left: offset((resizedWidth - resize.width) / 2),
    top: offset((resizedHeight - resize.height) / 2),
  };
}

/**
 * Width and height after the short side was brought to `shortSide`.
 *
 * `tensorflow` is `preprocess_array` of Microsoft's accelerated models: a factor in float32, both sides truncated, so
 * that a short side of 427 becomes 255 and not 256. `torchvision` is its `Resize`: the short side is exact, the long
 * one truncated.
 */
export function resizedSize(
  width: number,
  height: number,
  shortSide: number,
  rounding: Rounding = 'tensorflow',
): [width: number, height: number] {
  if (rounding === 'torchvision') {
    const long = Math.trunc((shortSide * Math.max(width, height)) / Math.min(width, height));
    return width < height ? [shortSide, long] : [long, shortSide];
  }
  const scale = Math.fround(shortSide / Math.min(width, height));
  return [Math.trunc(Math.fround(width * scale)), Math.trunc(Math.fround(height * scale))];
}

/** Python's `round`, which torchvision's `CenterCrop` uses. */
function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}
