import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { OBJECTS, renderFrame, sceneFrame } from './index.js';

test('a frame is a 640 × 480 colour JPEG, the same bytes for the same seed', async () => {
  const [first, again, other] = await Promise.all([renderFrame(7), renderFrame(7), renderFrame(8)]);
  assert.deepEqual(first, again);
  assert.notDeepEqual(first, other);
  const { format, width, height, channels } = await sharp(first).metadata();
  assert.deepEqual({ format, width, height, channels }, { format: 'jpeg', width: 640, height: 480, channels: 3 });
});

test('the object has its colour in the picture', async () => {
  const strongest = { red: 0, green: 1, blue: 2 } as const;
  for (const object of OBJECTS.slice(1)) {
    for (const [colour, channel] of Object.entries(strongest)) {
      const seed = Array.from({ length: 12 }, (_, index) => index).find((value) => {
        const frame = sceneFrame(value);
        return frame.object === object && frame.colour === colour;
      })!;
      const pixels = await sharp(await renderFrame(seed))
        .raw()
        .toBuffer();
      assert.ok(saturated(pixels)[channel]! > 1000, `${object} ${colour}: ${saturated(pixels)}`);
    }
  }
});

test('an empty belt has no saturated colour', async () => {
  const seed = Array.from({ length: 12 }, (_, index) => index).find((value) => sceneFrame(value).colour === 'none')!;
  const pixels = await sharp(await renderFrame(seed))
    .raw()
    .toBuffer();
  assert.deepEqual(saturated(pixels), [0, 0, 0]);
});

/** How many pixels are clearly red, green and blue. */
function saturated(pixels: Buffer): number[] {
  const counts = [0, 0, 0];
  for (let index = 0; index < pixels.length; index += 3) {
    const colour = [...pixels.subarray(index, index + 3)];
    const top = Math.max(...colour);
    const channel = colour.indexOf(top);
    const others = colour.filter((_, at) => at !== channel);
    if (top - Math.max(...others) > 45) counts[channel]!++;
  }
  return counts;
}
