import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLAVOURS } from '../testing/pictures/index.js';
import { Random } from '../testing/random.js';
import { Decoder, type Pixels } from './decode.js';
import { reductionFor } from './decode-reduced.js';
import type { PictureHeader } from './picture-header.js';

const make = (name: string, width: number, height: number) =>
  FLAVOURS.find((flavour) => flavour.name === name)!.make(new Random(5), width, height);

test('a picture is reduced when it leaves the short side that the recipe needs', () => {
  const by = (width: number, height: number) => reductionFor({ width, height } as PictureHeader, 256);
  assert.deepEqual([by(640, 480), by(2047, 4000), by(2048, 4000), by(3840, 2160)], [1, 1, 8, 8]);
});

test('only the fast decoder reduces, and its pixels are the means of the exact ones', async () => {
  for (const name of ['jpeg 4:4:4', 'jpeg 4:2:0', 'jpeg progressive']) {
    const file = await make(name, 133, 90);
    const exact = await new Decoder().decode(file, 'x');
    assert.deepEqual([exact.width, exact.height], [133, 90]);
    const reduced = await new Decoder({ reduceTo: 11 }).decode(file, 'x');
    assert.deepEqual([reduced.width, reduced.height, reduced.rgb.length], [17, 12, 17 * 12 * 3], name);
    let apart = 0;
    for (let y = 0; y < 11; y++) {
      for (let x = 0; x < 16; x++) apart += Math.abs(meanRed(exact, x, y) - reduced.rgb[(y * 17 + x) * 3]!);
    }
    assert.ok(apart / (11 * 16) < 8, `${name}: ${apart / (11 * 16)}`);
  }
});

/** Mean red of the block of 8×8 pixels that one reduced pixel stands for. */
function meanRed({ width, rgb }: Pixels, x: number, y: number): number {
  let sum = 0;
  for (let i = 0; i < 64; i++) sum += rgb[((8 * y + (i >> 3)) * width + 8 * x + (i & 7)) * 3]!;
  return sum / 64;
}

test('what cannot be reduced is decoded, or refused, as without', async () => {
  const fast = new Decoder({ reduceTo: 6 });
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
