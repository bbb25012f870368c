import type { Recipe } from '../model/manifest.js';
import type { Pixels } from './decode.js';

const f = Math.fround;

/** What each pixel of one axis is made of: source pixels and their weights. */
type Parts = readonly { readonly from: number; readonly weight: number }[];

/**
 * The slow and obvious way to a tensor: each of its pixels for itself, from the formulas that TensorFlow and torchvision
 * publish. Two neighbours are taken in float32 at each step, as they are defined so; the triangle filter sums in float64.
 */
export function referenceTensor(pixels: Pixels, recipe: Recipe): Float32Array {
  const { width, height, rgb } = pixels;
  const { resize, interpolation } = recipe;
  const [w, h] = resizedSize(pixels, resize);
  const [left, top] = [cropOffset(w, resize.width, resize), cropOffset(h, resize.height, resize)];
  const value = (y: number, x: number, channel: number) => rgb[(y * width + x) * 3 + channel]!;

  const legacy = interpolation === 'bilinear-legacy';
  const pixel = (row: number, column: number, channel: number): number => {
    if (interpolation === 'bilinear-antialias') {
      let sum = 0;
      for (const y of triangle(row + top, height, h)) {
        for (const x of triangle(column + left, width, w)) sum += y.weight * x.weight * value(y.from, x.from, channel);
      }
      return sum;
    }
    const y = neighbours(row + top, height, h, legacy);
    const x = neighbours(column + left, width, w, legacy);
    const between = (a: number, b: number, part: number) => f(a + f(f(b - a) * part));
    const upper = between(value(y.low, x.low, channel), value(y.low, x.high, channel), x.part);
    const lower = between(value(y.high, x.low, channel), value(y.high, x.high, channel), x.part);
    return between(upper, lower, y.part);
  };

  const tensor = new Float32Array(resize.height * resize.width * 3);
  for (let row = 0; row < resize.height; row++) {
    for (let column = 0; column < resize.width; column++) {
      for (let place = 0; place < 3; place++) {
        const channel = recipe.channels === 'RGB' ? place : 2 - place;
        const scale = Array.isArray(recipe.scale) ? recipe.scale[channel] : recipe.scale;
        const normal = f(f(pixel(row, column, channel) - f(recipe.mean[channel]!)) * f(scale));
        const inner = (row * resize.width + column) * 3 + place;
        const planes = (place * resize.height + row) * resize.width + column;
        tensor[recipe.layout === 'NHWC' ? inner : planes] = normal;
      }
    }
  }
  return tensor;
}

function resizedSize({ width, height }: Pixels, resize: Recipe['resize']): [number, number] {
  if (resize.mode === 'stretch') return [resize.width, resize.height];
  const short = Math.min(width, height);
  if (resize.rounding === 'torchvision') {
    const side = (length: number) =>
      length === short ? resize.shortSide : Math.floor((resize.shortSide * length) / short);
    return [side(width), side(height)];
  }
  const scale = f(resize.shortSide / short);
  return [Math.trunc(f(width * scale)), Math.trunc(f(height * scale))];
}

function cropOffset(resized: number, crop: number, resize: Recipe['resize']): number {
  const room = resized - crop;
  if (resize.mode === 'stretch' || resize.rounding !== 'torchvision' || room % 2 === 0) return Math.floor(room / 2);
  // Of the two integers around a half, the even one.
  return [Math.floor(room / 2), Math.ceil(room / 2)].find((offset) => offset % 2 === 0)!;
}

function neighbours(at: number, source: number, resized: number, legacy: boolean) {
  const scale = f(source / resized);
  const position = legacy ? f(at * scale) : f(f(f(at + 0.5) * scale) - 0.5);
  const low = Math.floor(position);
  const inside = (index: number) => Math.max(0, Math.min(index, source - 1));
  return { low: inside(low), high: inside(low + 1), part: f(position - low) };
}

/** Centre and width as TensorFlow has them, in float32; the rest exact. */
function triangle(at: number, source: number, resized: number): Parts {
  const step = f(1 / f(resized / source));
  const shrinking = Math.max(step, 1);
  const centre = f(f(at + 0.5) * step);
  const parts = [];
  for (
    let from = Math.max(0, Math.floor(centre - shrinking) - 1);
    from <= centre + shrinking && from < source;
    from++
  ) {
    const weight = 1 - Math.abs(from + 0.5 - centre) / shrinking;
    if (weight > 0) parts.push({ from, weight });
  }
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  return parts.map(({ from, weight }) => ({ from, weight: weight / sum }));
}
