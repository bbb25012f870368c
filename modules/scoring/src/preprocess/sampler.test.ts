import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Recipe } from '../model/manifest.js';
import { RECIPE } from '../testing/tiny-package.js';
import type { Pixels } from './decode.js';
import { Sampler } from './sampler.js';
import { javaScriptKernel, nativeKernel, type SamplingKernel } from './sampler-kernel.js';
import { referenceTensor } from './sampler-reference.fixture.js';
import { CropError, resizedSize, windowOf } from './sampling-plan.js';

const native = nativeKernel();
const skip = native ? false : 'the native addon is not built';
/** A side of a picture: small ones as often as large ones, as their corners are where things go wrong. */
const side = fc.oneof(
  fc.integer({ min: 1, max: 8 }),
  fc.integer({ min: 9, max: 600 }),
  fc.integer({ min: 601, max: 4000 }),
);
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const three = (one: fc.Arbitrary<number>) => fc.tuple(one, one, one);
const noise = randomFillSync(new Uint8Array(4000 * 4000 * 3 + 4096));

const recipes: fc.Arbitrary<Recipe> = fc.record({
  resize: fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: 40 }), fc.nat(39), fc.nat(39), fc.constantFrom('tensorflow', 'torchvision'))
      .map(([shortSide, height, width, rounding]) => ({
        mode: 'aspect-crop' as const,
        shortSide,
        height: 1 + (height % shortSide),
        width: 1 + (width % shortSide),
        rounding,
      })),
    fc.record({
      mode: fc.constant('stretch' as const),
      height: fc.integer({ min: 1, max: 40 }),
      width: fc.integer({ min: 1, max: 40 }),
    }),
  ) as fc.Arbitrary<Recipe['resize']>,
  interpolation: fc.constantFrom('bilinear-legacy', 'bilinear-half-pixel', 'bilinear-antialias'),
  channels: fc.constantFrom('RGB', 'BGR'),
  mean: three(number(-300, 300)),
  scale: fc.oneof(number(0.001, 2), three(number(0.001, 2))),
  layout: fc.constantFrom('NHWC', 'NCHW'),
});

/** Made into pixels by `pixelsOf`, so that a failure prints sizes and not pixels. */
const pictures = fc.record({ width: side, height: side, start: fc.nat(4095) });
type Picture = { readonly width: number; readonly height: number; readonly start: number };

function pixelsOf({ width, height, start }: Picture): Pixels {
  return { width, height, rgb: noise.subarray(start, start + width * height * 3) };
}

/** None when the picture becomes smaller than the crop. */
function sampled(pixels: Pixels, recipe: Recipe, kernel: SamplingKernel): Float32Array | undefined {
  const sampler = new Sampler(recipe, kernel);
  const tensor = new Float32Array(sampler.size + 8).fill(7);
  try {
    sampler.sample(pixels, tensor);
  } catch (error) {
    assert.ok(error instanceof CropError, String(error));
    return undefined;
  }
  assert.ok(
    tensor.subarray(sampler.size).every((value) => value === 7),
    'writes no further than the tensor',
  );
  return tensor.subarray(0, sampler.size);
}

test('equals the slow way at any size, with any recipe: two neighbours bit for bit, the filter within 0.01', () => {
  fc.assert(
    fc.property(pictures, recipes, (picture, recipe) => {
      const pixels = pixelsOf(picture);
      // The slow way reads each source pixel twice for the filter, and a strip is as long as it is.
      fc.pre(recipe.interpolation !== 'bilinear-antialias' || pixels.width * pixels.height < 1_000_000);
      const found = sampled(pixels, recipe, javaScriptKernel);
      if (!found) return;
      const expected = referenceTensor(pixels, recipe);
      if (recipe.interpolation !== 'bilinear-antialias') assert.deepEqual(found, expected);
      else assertNear(found, expected, 0.01 * Math.max(...[recipe.scale].flat()));
    }),
    { numRuns: 150 },
  );
});

test('the native sampler equals this one bit for bit, at any size, with any recipe', { skip }, () => {
  fc.assert(
    fc.property(pictures, recipes, (picture, recipe) => {
      const pixels = pixelsOf(picture);
      assert.deepEqual(sampled(pixels, recipe, native!), sampled(pixels, recipe, javaScriptKernel));
    }),
    { numRuns: 150 },
  );
});

test('short sides of 427, 428 and 1944 become 255, of 480, 720 and 1080 become 256', () => {
  for (const side of [427, 428, 1944]) assert.equal(resizedSize(side * 2, side, 256)[1], 255, String(side));
  for (const side of [480, 720, 1080]) assert.equal(resizedSize(side, side * 2, 256)[0], 256, String(side));
  const short = Array.from({ length: 1744 }, (_, i) => 257 + i).filter(
    (side) => resizedSize(side, side, 256)[0] === 255,
  );
  assert.equal(short.length, 233);
});

test('torchvision keeps the short side exact, cuts the long one, and rounds crop offsets to even', () => {
  const resize = { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224, rounding: 'torchvision' } as const;
  for (const side of [427, 428, 1944]) assert.equal(resizedSize(side * 2, side, 256, 'torchvision')[1], 256);
  assert.deepEqual(windowOf(640, 427, resize), { width: 383, height: 256, left: 80, top: 16 });
  // Rooms of 33 and 35 pixels: 16.5 and 17.5.
  assert.equal(windowOf(257, 256, { ...resize, height: 256, width: 224 }).left, 16);
  assert.equal(windowOf(259, 256, { ...resize, height: 256, width: 224 }).left, 18);
  assert.deepEqual(windowOf(640, 427, { ...resize, rounding: 'tensorflow' }), {
    width: 383,
    height: 255,
    left: 79,
    top: 15,
  });
});

test('a crop of 256 from a short side that becomes 255 is refused', () => {
  const resize = { mode: 'aspect-crop', shortSide: 256, height: 256, width: 256 } as const;
  assert.throws(() => windowOf(640, 427, resize), CropError);
  windowOf(640, 480, resize);
});

test('a strip of 1 by 65500 pixels costs no more than a square, either way round', () => {
  for (const interpolation of ['bilinear-legacy', 'bilinear-half-pixel', 'bilinear-antialias'] as const) {
    for (const resize of [RECIPE.resize, { mode: 'stretch', height: 224, width: 224 } as const]) {
      for (const [width, height] of [
        [1, 65_500],
        [65_500, 1],
      ] as const) {
        const pixels = pixelsOf({ width, height, start: 0 });
        const recipe = { ...RECIPE, resize, interpolation };
        const tensor = sampled(pixels, recipe, javaScriptKernel)!;
        assert.ok(tensor.every(Number.isFinite));
        if (native) assert.deepEqual(sampled(pixels, recipe, native), tensor);
      }
    }
  }
});

test('one sampler serves pictures of changing sizes', () => {
  const sampler = new Sampler(RECIPE);
  const tensor = new Float32Array(sampler.size);
  for (const [width, height] of [
    [300, 260],
    [260, 300],
    [300, 260],
  ] as const) {
    const pixels = pixelsOf({ width, height, start: width });
    sampler.sample(pixels, tensor);
    assert.deepEqual(tensor, referenceTensor(pixels, RECIPE));
  }
});

test('too few pixels and too little room are refused by name', () => {
  const sampler = new Sampler(RECIPE);
  const target = new Float32Array(sampler.size);
  assert.throws(() => sampler.sample({ width: 9, height: 9, rgb: new Uint8Array(242) }, target), {
    name: 'RangeError',
    message: 'pixels: expected 9x9x3 bytes, found 242',
  });
  assert.throws(() => sampler.sample({ width: 9, height: 9, rgb: new Uint8Array(243) }, target.subarray(1)), {
    message: 'target: expected room for 150528 floats, found 150527',
  });
});

function assertNear(found: Float32Array, expected: Float32Array, bound: number): void {
  assert.equal(found.length, expected.length);
  for (const [index, value] of found.entries()) {
    const apart = Math.abs(value - expected[index]!);
    assert.ok(apart <= bound, `value ${index}: ${value}, expected ${expected[index]} within ${bound}`);
  }
}
