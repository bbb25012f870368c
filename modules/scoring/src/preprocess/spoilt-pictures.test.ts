import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLAVOURS, joinPng, writeGif, writePng } from '../testing/pictures/index.js';
import { Random } from '../testing/random.js';
import { Decoder } from './decode.js';

const decoder = new Decoder();
const make = async (name: string, width = 40, height = 30) =>
  Buffer.from(await FLAVOURS.find((flavour) => flavour.name === name)!.make(new Random(9), width, height));
const pixels = async (file: Uint8Array) => {
  const { width, height, rgb } = await decoder.decode(file, 'x');
  return Buffer.from(rgb.subarray(0, width * height * 3));
};
const cut = { code: 'IMAGE_CORRUPT' };

test('bytes between the segments of a JPEG and unknown versions in them change nothing', async () => {
  const file = await make('jpeg 4:2:0');
  const expected = await pixels(file);
  const spoilt = {
    'bytes before a marker': Buffer.concat([file.subarray(0, 20), Buffer.from([1, 2, 3]), file.subarray(20)]),
    'JFIF version 9': Buffer.concat([file.subarray(0, 11), Buffer.from([9, 9]), file.subarray(13)]),
    'fill bytes': Buffer.concat([file.subarray(0, 20), Buffer.from([255, 255, 255]), file.subarray(20)]),
    'an empty comment': Buffer.concat([file.subarray(0, 20), Buffer.from([255, 0xfe, 0, 2]), file.subarray(20)]),
  };
  for (const [what, bytes] of Object.entries(spoilt)) assert.ok(expected.equals(await pixels(bytes)), what);
});

test('a JPEG with spoilt pixels is decoded as far as they go, because its end is there', async () => {
  for (const name of ['jpeg 4:2:0', 'jpeg progressive', 'jpeg CMYK']) {
    const file = await make(name);
    const middle = file.lastIndexOf(Buffer.from([0xff, 0xda])) + 30;
    const spoilt = Buffer.concat([file.subarray(0, middle), Buffer.from([0xff, 0xd3]), file.subarray(middle)]);
    const [before, after] = [await pixels(file), await pixels(spoilt)];
    assert.ok(!before.equals(after), name);
    await assert.rejects(pixels(spoilt.subarray(0, -2)), cut, name);
  }
});

test('a JPEG that begins again after its only scan is refused when its pixels are spoilt', async () => {
  const file = await make('jpeg 4:4:4');
  const scan = file.lastIndexOf(Buffer.from([0xff, 0xda]));
  const spoilt = Buffer.concat([file.subarray(0, scan + 60), file.subarray(scan)]);
  await assert.rejects(pixels(spoilt), cut);
});

test('a PNG without its last chunk, or with a spoilt one, is refused; what a decoder may skip is skipped', async () => {
  const options = {
    width: 5,
    height: 4,
    depth: 8,
    colourType: 2,
    sample: (x: number, y: number) => 10 * x + y,
  } as const;
  const file = writePng(options);
  const expected = await pixels(file);
  await assert.rejects(pixels(file.subarray(0, -12)), cut);
  await assert.rejects(pixels(file.subarray(0, -1)), cut);
  const crc = Buffer.from(file);
  crc[crc.length - 1]! ^= 1;
  await assert.rejects(pixels(crc), cut);
  const text = writePng({ ...options, chunks: [['tEXt', Buffer.from('a\0b')]] });
  assert.ok(expected.equals(await pixels(text)));
  assert.ok(expected.equals(await pixels(Buffer.concat([file, Buffer.from('more')]))));
  await assert.rejects(pixels(joinPng([['IEND', Buffer.alloc(0)]])), cut);
});

test('a GIF is painted where its descriptor says, on black, without its transparent colour', async () => {
  const palette = [
    [1, 2, 3],
    [40, 50, 60],
    [7, 8, 9],
  ];
  const frame = { width: 2, height: 2, colour: (x: number, y: number) => (x + y) % 2 };
  const [zero, one, none] = [
    [1, 2, 3],
    [40, 50, 60],
    [0, 0, 0],
  ];
  const painted = async (more: object) => [
    ...(await pixels(writeGif({ width: 9, height: 9, palette, frames: [{ ...frame, ...more }] }))),
  ];
  assert.deepEqual(await painted({}), [zero, one, one, zero].flat());
  assert.deepEqual(await painted({ transparent: 1 }), [zero, none, none, zero].flat());
  assert.deepEqual(await painted({ left: 1 }), [none, zero, none, one].flat());
  assert.deepEqual(await painted({ top: 1 }), [none, none, zero, one].flat());
  assert.deepEqual(await painted({ top: 9, left: 9 }), [none, none, none, none].flat());
});

test('a GIF is refused when it ends early or names a colour that it has not, not when only its end is missing', async () => {
  const whole = writeGif({
    width: 3,
    height: 3,
    palette: [
      [1, 1, 1],
      [2, 2, 2],
    ],
    frames: [{ width: 3, height: 3, colour: () => 1 }],
  });
  const expected = await pixels(whole);
  assert.ok(expected.equals(await pixels(whole.subarray(0, -1))));
  await assert.rejects(pixels(whole.subarray(0, -2)), cut);
  await assert.rejects(pixels(whole.subarray(0, 20)), cut);
  const colour = { width: 3, height: 3, colour: () => 2 };
  await assert.rejects(
    pixels(
      writeGif({
        width: 3,
        height: 3,
        palette: [
          [1, 1, 1],
          [2, 2, 2],
        ],
        frames: [colour],
      }),
    ),
    /colour 2 of 2/,
  );
  await assert.rejects(pixels(writeGif({ width: 3, height: 3, frames: [colour] })), /no colour table/);
});
