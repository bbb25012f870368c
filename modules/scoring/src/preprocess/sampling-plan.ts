import type { Recipe } from '../model/manifest.js';
import { type BilinearAxis, bilinearAxis, type FilterAxis, type Stretch, triangleAxis } from './sampling-plan-axis.js';
import { windowOf } from './sampling-plan-window.js';

export { CropError, resizedSize, type Window, windowOf } from './sampling-plan-window.js';

/** How the three channels of a pixel are finished and placed; `row` is one row of the tensor, 3 × its width. */
export interface Finish {
  /** Each channel in a plane of its own (NCHW), else the three side by side (NHWC). */
  readonly planar: boolean;
  /** Blue comes first. */
  readonly reversed: boolean;
  /** What is subtracted from each value of a row. */
  readonly means: Float32Array;
  /** What each value of a row is then multiplied by. */
  readonly scales: Float32Array;
}

interface Common extends Finish {
  /** Of the source, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Room for intermediate rows, so that nothing is allocated for a frame. */
  readonly scratch: Float32Array;
}

export interface BilinearPlan extends Common {
  readonly kind: 'bilinear';
  readonly x: BilinearAxis;
  readonly y: BilinearAxis;
}

export interface FilterPlan extends Common {
  readonly kind: 'filter';
  readonly x: FilterAxis;
  readonly y: FilterAxis;
}

/** All that is known of a tensor before its picture is: for pictures of one size, with one recipe. */
export type SamplingPlan = BilinearPlan | FilterPlan;

/**
 * Which source pixels each pixel of the tensor is made of. Only the crop is planned, so a strip of 1×65500 pixels costs
 * no more than a square.
 *
 * @throws CropError when the resized picture is smaller than the crop
 */
export function planSampling(width: number, height: number, recipe: Recipe): SamplingPlan {
  const { resize, interpolation } = recipe;
  const window = windowOf(width, height, resize);
  const across: Stretch = { source: width, resized: window.width, offset: window.left, size: resize.width };
  const down: Stretch = { source: height, resized: window.height, offset: window.top, size: resize.height };
  const common = { width, height, ...finishOf(recipe) };
  if (interpolation === 'bilinear-antialias') {
    const [x, y] = [triangleAxis(across), triangleAxis(down)];
    const [first, end] = columnsOf(x);
    return { kind: 'filter', ...common, x, y, scratch: new Float32Array((end - first) * 3) };
  }
  const halfPixel = interpolation === 'bilinear-half-pixel';
  const [x, y] = [bilinearAxis(across, halfPixel), bilinearAxis(down, halfPixel)];
  return { kind: 'bilinear', ...common, x, y, scratch: new Float32Array(2 * 3 * resize.width) };
}

/** The source columns that a filter reads: the first, and the one after the last. */
export function columnsOf({ first, count }: FilterAxis): [first: number, end: number] {
  const last = first.length - 1;
  return [first[0]!, first[last]! + count[last]!];
}

/** Where red, green and blue of a pixel lie in a row of the tensor, and how far the next pixel is. */
export function placesInRow(
  width: number,
  { planar, reversed }: Pick<Finish, 'planar' | 'reversed'>,
): { readonly step: number; readonly places: readonly [red: number, green: number, blue: number] } {
  const plane = planar ? width : 1;
  return { step: planar ? 1 : 3, places: reversed ? [2 * plane, plane, 0] : [0, plane, 2 * plane] };
}

function finishOf({ layout, channels, mean, scale, resize: { width } }: Recipe): Finish {
  const finish = { planar: layout === 'NCHW', reversed: channels === 'BGR' };
  const means = new Float32Array(3 * width);
  const scales = new Float32Array(3 * width);
  const { step, places } = placesInRow(width, finish);
  for (const [channel, place] of places.entries()) {
    for (let column = 0; column < width; column++) {
      means[place + column * step] = mean[channel]!;
      scales[place + column * step] = typeof scale === 'number' ? scale : scale[channel]!;
    }
  }
  return { ...finish, means, scales };
}
