import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ScoringError } from '../errors.js';
import type { Recipe } from '../model/manifest.js';
import { Decoder } from './decode.js';
import { preprocessImage } from './preprocess-image.js';

/** What TensorFlow made of each picture in `goldens/pictures`. */
interface Goldens {
  readonly tensorflow: string;
  readonly recipes: Readonly<Record<string, Recipe>>;
  readonly pictures: Readonly<Record<string, GoldenPicture>>;
}

type GoldenPicture =
  | { readonly error: string }
  | {
      readonly error?: never;
      readonly height: number;
      readonly width: number;
      /** Of the decoded pixels. */
      readonly sha256: string;
      /** Values evenly spread over the tensor, float32, little endian, in base64; by recipe. */
      readonly tensors: Readonly<
        Record<string, { readonly sha256: string; readonly samples: string } | { readonly error: string }>
      >;
    };

const FOLDER = new URL('../../goldens/', import.meta.url);
const goldens = JSON.parse(readFileSync(new URL('goldens.json', FOLDER), 'utf8')) as Goldens;
/** Grey levels. */
const TOLERANCE = 0.01;

for (const [name, golden] of Object.entries(goldens.pictures)) {
  const bytes = readFileSync(new URL(`pictures/${name}`, FOLDER));
  test(`${name}: what TensorFlow ${goldens.tensorflow} makes of it`, async () => {
    if (golden.error !== undefined) {
      await assert.rejects(new Decoder().decode(bytes, name), ScoringError, golden.error);
      return;
    }
    const { width, height, rgb } = await new Decoder().decode(bytes, name);
    assert.deepEqual([width, height], [golden.width, golden.height]);
    assert.equal(sha256(rgb.subarray(0, width * height * 3)), golden.sha256);
    for (const [recipe, expected] of Object.entries(golden.tensors)) {
      await checkTensor(bytes, goldens.recipes[recipe]!, expected, recipe);
    }
  });
}

async function checkTensor(
  bytes: Uint8Array,
  recipe: Recipe,
  expected: { readonly sha256: string; readonly samples: string } | { readonly error: string },
  what: string,
): Promise<void> {
  if ('error' in expected) {
    // It was decoded, so what TensorFlow refuses is the crop.
    await assert.rejects(preprocessImage(bytes, recipe), { code: 'IMAGE_CROP' }, `${what}: ${expected.error}`);
    return;
  }
  const { tensor } = await preprocessImage(bytes, recipe);
  const raw = Buffer.from(expected.samples, 'base64');
  const scale = typeof recipe.scale === 'number' ? recipe.scale : Math.min(...recipe.scale);
  const samples = raw.length / 4;
  for (let index = 0; index < samples; index++) {
    const at = Math.floor((index * tensor.length) / samples);
    const apart = Math.abs(tensor[at]! - raw.readFloatLE(index * 4)) / scale;
    assert.ok(apart <= TOLERANCE, `${what}: value ${at} is ${apart} grey levels off`);
  }
  // Where the arithmetic is the same, every bit is.
  if (recipe.interpolation === 'bilinear-legacy') {
    assert.equal(sha256(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength)), expected.sha256, what);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
