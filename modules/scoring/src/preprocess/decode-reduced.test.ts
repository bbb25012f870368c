import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLAVOURS } from '../testing/pictures/index.js';
import { Random } from '../testing/random.js';
import { Decoder } from './decode.js';
import { reductionFor } from './decode-reduced.js';
import type { PictureHeader } from './picture-header.js';

const make = (name: string, width: number, height: number) =>
  FLAVOURS.find((flavour) => flavour.name === name)!.make(new Random(5), width, height);

test('a picture is reduced by the most that leaves the short side that the recipe needs', () => {
  const by = (width: number, height: number) => reductionFor({ width, height } as PictureHeader, 256);
  assert.deepEqual(
    [by(256, 256), by(640, 480), by(511, 4000), by(512, 4000), by(1920, 1080), by(3840, 2160)],
    [1, 1, 1, 2, 4, 8],
  );
});

test('only the fast decoder reduces, and its pixels are the means of the exact ones', async () => {
  for (const name of ['jpeg 4:4:4', 'jpeg 4:2:0', 'jpeg progressive']) {
    const file = await make(name, 133, 90);
    const exact = await new Decoder().decode(file, 'x');
    assert.deepEqual([exact.width, exact.height], [133, 90]);
    const rgb = Buffer.from(exact.rgb.subarray(0, 133 * 90 * 3));
    const reduced = await new Decoder({ reduceTo: 40 }).decode(file, 'x');
    assert.deepEqual([reduced.width, reduced.height, reduced.rgb.length], [67, 45, 67 * 45 * 3], name);
    let sum = 0;
    for (let y = 0; y < 45; y++) {
      for (let x = 0; x < 66; x++) {
        const at = (2 * y * 133 + 2 * x) * 3;
        const mean = (rgb[at]! + rgb[at + 3]! + rgb[at + 399]! + rgb[at + 402]!) / 4;
        sum += Math.abs(mean - reduced.rgb[(y * 67 + x) * 3]!);
      }
    }
    assert.ok(sum / (45 * 66) < 4, `${name}: ${sum / (45 * 66)}`);
  }
});

test('what cannot be reduced is decoded, or refused, as without', async () => {
  const fast = new Decoder({ reduceTo: 8 });
  for (const name of ['jpeg grey', 'jpeg CMYK', 'png rgb, 8 bits', 'gif']) {
    const file = await make(name, 64, 48);
    const { width, height, rgb } = await fast.decode(file, 'x');
    const exact = await new Decoder().decode(file, 'x');
    assert.deepEqual([width, height], [64, 48], name);
    assert.ok(Buffer.from(exact.rgb).equals(rgb), name);
  }
  const cut = (await make('jpeg 4:2:0', 64, 48)).subarray(0, -2);
  await assert.rejects(fast.decode(cut, 'x'), { code: 'IMAGE_CORRUPT' });
});
