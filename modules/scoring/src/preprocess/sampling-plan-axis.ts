/** One axis of a picture resized by two neighbours: for each destination pixel both, and the weight of the second. */
export interface BilinearAxis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float32Array;
}

/** One axis of a picture resized by a filter: for each destination pixel a run of source pixels and their weights. */
export interface FilterAxis {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `taps` for each destination pixel, of which `count` are used; those sum to 1. */
  readonly weights: Float32Array;
  readonly taps: number;
}

/** A stretch of one axis of a resized picture, in pixels: `size` of them from `offset`. */
export interface Stretch {
  readonly source: number;
  readonly resized: number;
  readonly offset: number;
  readonly size: number;
}

const f = Math.fround;

/**
 * Two neighbours as TensorFlow's `ResizeBilinear` takes them, in float32 at each step. Without half-pixel centres the
 * source is `destination × (in / out)`, TensorFlow 1.x's way; with them `(destination + 0.5) × (in / out) - 0.5`.
 */
export function bilinearAxis({ source, resized, offset, size }: Stretch, halfPixel: boolean): BilinearAxis {
  const scale = f(source / resized);
  const last = source - 1;
  const axis = { low: new Int32Array(size), high: new Int32Array(size), weight: new Float32Array(size) };
  for (let i = 0; i < size; i++) {
    const at = f(offset + i);
    const position = halfPixel ? f(f(f(at + 0.5) * scale) - 0.5) : f(at * scale);
    const floor = Math.floor(position);
    axis.low[i] = Math.min(Math.max(floor, 0), last);
    axis.high[i] = Math.min(Math.ceil(position), last);
    axis.weight[i] = position - floor;
  }
  return axis;
}

/**
 * The triangle filter as TensorFlow's `ScaleAndTranslate` takes it with `antialias`, in float32 at each step: when
 * shrinking it is as wide as the shrinking, when enlarging as wide as two pixels. Pillow's and torchvision's bilinear
 * filter is the same.
 */
export function triangleAxis({ source, resized, offset, size }: Stretch): FilterAxis {
  const step = f(1 / f(resized / source));
  const radius = Math.max(step, 1);
  const taps = Math.min(2 * Math.ceil(radius) + 1, source);
  const axis = {
    first: new Int32Array(size),
    count: new Int32Array(size),
    weights: new Float32Array(size * taps),
    taps,
  };
  for (let i = 0; i < size; i++) {
    const centre = Math.min(f(f(f(offset + i) + 0.5) * step), source);
    const first = clamp(Math.ceil(f(f(centre - radius) - 0.5)), source - 1);
    const end = clamp(Math.floor(f(f(centre + radius) - 0.5)), source - 1) + 1;
    const count = Math.min(end - first, taps);
    const weights = axis.weights.subarray(i * taps, i * taps + count);
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const distance = f(Math.abs(f(f(first + tap + 0.5) - centre)) / radius);
      weights[tap] = Math.max(f(1 - distance), 0);
      sum = f(sum + weights[tap]!);
    }
    const factor = f(1 / sum);
    for (let tap = 0; tap < count; tap++) weights[tap]! *= factor;
    axis.first[i] = first;
    axis.count[i] = count;
  }
  return axis;
}

function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last);
}
