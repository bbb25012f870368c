import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Recipe } from '../model/manifest.js';
import { RECIPE } from '../testing/tiny-package.js';
import type { Pixels } from './decode.js';
import { Sampler } from './sampler.js';
import { CropError, planSampling, resizedSize } from './sampling-plan.js';

const f = Math.fround;

/** The slow and obvious way: resize the whole picture, cut the crop out, then means, order, scale and layout. */
function reference({ width, height, rgb }: Pixels, recipe: Recipe): Float32Array {
  const { resize } = recipe;
  let [w, h] = [resize.width, resize.height];
  if (resize.mode === 'aspect-crop') {
    const scale = f(resize.shortSide / Math.min(width, height));
    [w, h] = [Math.trunc(f(width * scale)), Math.trunc(f(height * scale))];
  }
  const at = (row: number, column: number, channel: number) => rgb[(row * width + column) * 3 + channel]!;
  const whole = new Float32Array(w * h * 3);
  for (let i = 0; i < h; i++) {
    for (let j = 0; j < w; j++) {
      const y = f(i * f(height / h));
      const x = f(j * f(width / w));
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const [bottom, right] = [Math.min(top + 1, height - 1), Math.min(left + 1, width - 1)];
      const [dy, dx] = [f(y - top), f(x - left)];
      for (let c = 0; c < 3; c++) {
        const upper = f(at(top, left, c) + f(f(at(top, right, c) - at(top, left, c)) * dx));
        const lower = f(at(bottom, left, c) + f(f(at(bottom, right, c) - at(bottom, left, c)) * dx));
        whole[(i * w + j) * 3 + c] = f(upper + f(f(lower - upper) * dy));
      }
    }
  }
  const [offsetY, offsetX] = [Math.trunc((h - resize.height) / 2), Math.trunc((w - resize.width) / 2)];
  const tensor = new Float32Array(resize.height * resize.width * 3);
  for (let i = 0; i < resize.height; i++) {
    for (let j = 0; j < resize.width; j++) {
      for (let c = 0; c < 3; c++) {
        const channel = recipe.channels === 'RGB' ? c : 2 - c;
        const value = whole[((i + offsetY) * w + j + offsetX) * 3 + channel]!;
        const normal = f(f(value - f(recipe.mean[channel as 0 | 1 | 2])) * f(recipe.scale));
        const index =
          recipe.layout === 'NHWC' ? (i * resize.width + j) * 3 + c : (c * resize.height + i) * resize.width + j;
        tensor[index] = normal;
      }
    }
  }
  return tensor;
}

function picture(width: number, height: number, seed: number): Pixels {
  const rgb = new Uint8Array(width * height * 3);
  let state = seed >>> 0;
  for (let i = 0; i < rgb.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    rgb[i] = state >>> 24;
  }
  return { width, height, rgb };
}

function sampled(pixels: Pixels, recipe: Recipe): Float32Array {
  const sampler = new Sampler(recipe);
  const tensor = new Float32Array(sampler.size);
  sampler.sample(pixels, tensor);
  return tensor;
}

test('equals the slow way bit for bit: any size, order, scale, layout', () => {
  const sides = fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 700 }));
  const recipes: fc.Arbitrary<Recipe> = fc.record({
    resize: fc.oneof(
      fc.constant({ mode: 'aspect-crop' as const, shortSide: 64, height: 48, width: 56 }),
      fc.constant({ mode: 'stretch' as const, height: 40, width: 60 }),
    ),
    interpolation: fc.constant('bilinear-legacy' as const),
    channels: fc.constantFrom('RGB', 'BGR'),
    mean: fc.constantFrom<[number, number, number]>([123.68, 116.779, 103.939], [0, 0, 0], [1, 2, 3]),
    scale: fc.constantFrom(1, 0.017, 1 / 255),
    layout: fc.constantFrom('NHWC', 'NCHW'),
  });
  fc.assert(
    fc.property(sides, sides, fc.integer(), recipes, (width, height, seed, recipe) => {
      // The slow way resizes everything, which a strip would make enormous.
      fc.pre(Math.max(width, height) / Math.min(width, height) < 20);
      const pixels = picture(width, height, seed);
      assert.deepEqual(sampled(pixels, recipe), reference(pixels, recipe));
    }),
    { numRuns: 60 },
  );
});

test('short sides of 427, 428 and 1944 become 255, of 480, 720 and 1080 become 256', () => {
  for (const side of [427, 428, 1944]) assert.equal(resizedSize(side * 2, side, 256)[1], 255, String(side));
  for (const side of [480, 720, 1080]) assert.equal(resizedSize(side, side * 2, 256)[0], 256, String(side));
  const short = Array.from({ length: 1744 }, (_, i) => 257 + i).filter(
    (side) => resizedSize(side, side, 256)[0] === 255,
  );
  assert.equal(short.length, 233);
  const pixels = picture(640, 427, 1);
  assert.deepEqual(sampled(pixels, RECIPE), reference(pixels, RECIPE));
});

test('a crop of 256 from a short side that becomes 255 is refused', () => {
  const resize = { mode: 'aspect-crop', shortSide: 256, height: 256, width: 256 } as const;
  assert.throws(() => planSampling(640, 427, resize), CropError);
  planSampling(640, 480, resize);
});

test('a strip of 1 by 65500 pixels costs no more than a square', () => {
  const tensor = sampled(picture(1, 65_500, 7), RECIPE);
  assert.equal(tensor.length, 224 * 224 * 3);
  assert.ok(tensor.every(Number.isFinite));
});

test('one sampler serves pictures of changing sizes', () => {
  const sampler = new Sampler(RECIPE);
  const tensor = new Float32Array(sampler.size);
  for (const [width, height] of [
    [300, 260],
    [260, 300],
    [300, 260],
  ] as const) {
    const pixels = picture(width, height, width);
    sampler.sample(pixels, tensor);
    assert.deepEqual(tensor, reference(pixels, RECIPE));
  }
});
