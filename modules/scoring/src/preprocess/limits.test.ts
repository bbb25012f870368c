import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScoringError } from '../errors.js';
import { FLAVOURS } from '../testing/pictures/index.js';
import { Random } from '../testing/random.js';
import { DEFAULT_LIMITS, decodeMs, NO_LIMITS, type PictureLimits } from './limits.js';
import { sniff } from './sniff.js';

const make = (name: string, width: number, height: number) =>
  FLAVOURS.find((flavour) => flavour.name === name)!.make(new Random(1), width, height);

test('each limit is checked from the header: what is at it passes, what is beyond it is refused by its name', async () => {
  const bytes = await make('jpeg 4:2:0', 60, 40);
  const at = { maxBytes: bytes.length, maxPixels: 2400, maxSide: 60, maxDecodeMs: 1 };
  sniff(bytes, 'x', at);
  const beyond: [Partial<PictureLimits>, RegExp][] = [
    [{ maxBytes: bytes.length - 1 }, new RegExp(`size in bytes is ${bytes.length}, the limit is ${bytes.length - 1}`)],
    [{ maxPixels: 2399 }, /number of pixels is 2400 \(60x40\), the limit is 2399/],
    [{ maxSide: 59 }, /longest side is 60, the limit is 59/],
    [{ maxDecodeMs: 0 }, /decoding time in milliseconds is about 1 \(60x40 in 1 scans\), the limit is 0/],
  ];
  for (const [change, message] of beyond) {
    assert.throws(
      () => sniff(bytes, 'x', { ...at, ...change }),
      (error) => error instanceof ScoringError && error.code === 'IMAGE_TOO_LARGE' && message.test(error.message),
    );
  }
});

test('scans that multiply the work of a large picture are refused, ordinary progressive pictures of any size are not', async () => {
  const file = await make('jpeg progressive', 64, 64);
  const frame = file.indexOf(Buffer.from([0xff, 0xc2]));
  file.writeUInt16BE(7000, frame + 5);
  file.writeUInt16BE(7000, frame + 7);
  assert.ok(sniff(file, 'x').scans >= 8);
  const scan = file.indexOf(Buffer.from([0xff, 0xda]));
  const header = file.subarray(scan, scan + 2 + file.readUInt16BE(scan + 2));
  const scans = Array.from({ length: 200 }, () => header);
  const bomb = Buffer.concat([file.subarray(0, -2), ...scans, file.subarray(-2)]);
  assert.throws(() => sniff(bomb, 'x'), /decoding time in milliseconds is about \d+ \(7000x7000 in 2\d\d scans\)/);
});

test('a picture of one pixel in millions of scans is refused', async () => {
  const file = await make('jpeg progressive', 1, 1);
  const scan = file.subarray(file.lastIndexOf(Buffer.from([0xff, 0xda])), -2);
  const bomb = Buffer.concat([file.subarray(0, -2), Buffer.alloc(1_100_000 * scan.length, scan), file.subarray(-2)]);
  assert.throws(() => sniff(bomb, 'x'), /decoding time in milliseconds is about 55\d\d \(1x1 in 11\d{5} scans\)/);
});

test('what follows a JPEG in its file, such as a film, counts as no scans, however much it looks like some', async () => {
  for (const [name, scans] of [
    ['jpeg 4:2:0', 1],
    ['jpeg progressive', 10],
  ] as const) {
    const file = await make(name, 64, 64);
    const film = Buffer.alloc(4096, Buffer.from([0xff, 0xda, 0, 4, 1, 2]));
    assert.equal(sniff(Buffer.concat([file, film]), name).scans, scans);
  }
});

test('what looks like a scan within a segment is none, what a decoder would take for one is', async () => {
  const file = await make('jpeg 4:2:0', 64, 64);
  const looks = Buffer.alloc(600, Buffer.from([0xff, 0xda, 0xff, 0xd9]));
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 2, 90]), looks]);
  const scan = file.indexOf(Buffer.from([0xff, 0xda]));
  const scans = Array.from({ length: 30 }, () => Buffer.from([0xff, 0xff, 0xda, 0, 2, 0xff, 0, 0xff, 0xd0]));
  const spoilt = Buffer.concat([file.subarray(0, scan), comment, file.subarray(scan, -2), ...scans, file.subarray(-2)]);
  assert.equal(sniff(spoilt, 'x').scans, 31);
});

test('a GIF of nothing but extensions is refused', () => {
  const head = Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00', 'latin1');
  const extensions = Buffer.alloc(3 * 4097, Buffer.from([0x21, 0xfe, 0]));
  assert.throws(() => sniff(Buffer.concat([head, extensions]), 'x'), /more than 4096 extensions/);
  assert.throws(() => sniff(Buffer.concat([head, extensions.subarray(3)]), 'x'), /it holds no whole picture/);
});

test('the estimate grows with pixels and scans and is never zero', () => {
  const header = fc.record({
    format: fc.constantFrom('jpeg' as const, 'png' as const, 'gif' as const),
    width: fc.integer({ min: 1, max: 65_535 }),
    height: fc.integer({ min: 1, max: 65_535 }),
    components: fc.constant(3),
    frames: fc.constant(1),
    scans: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(header, (one) => {
      assert.ok(decodeMs(one) >= 1);
      assert.ok(decodeMs({ ...one, width: one.width + 1 }) >= decodeMs(one));
      const more = decodeMs({ ...one, scans: one.scans * 2 });
      assert.ok(one.format === 'jpeg' ? more >= decodeMs(one) : more === decodeMs(one));
    }),
  );
});

test('the largest ordinary pictures pass the default limits', () => {
  const largest = { width: 8660, height: 5773, components: 3, frames: 1 } as const;
  assert.ok(decodeMs({ ...largest, format: 'jpeg', scans: 12 }) <= DEFAULT_LIMITS.maxDecodeMs);
  assert.ok(decodeMs({ ...largest, format: 'png', scans: 1 }) <= DEFAULT_LIMITS.maxDecodeMs);
  assert.ok(decodeMs({ ...largest, components: 4, format: 'jpeg', scans: 1 }) <= DEFAULT_LIMITS.maxDecodeMs);
  const cmyk = { width: 6000, height: 5000, components: 4, frames: 1, format: 'jpeg', scans: 18 } as const;
  assert.ok(decodeMs(cmyk) <= DEFAULT_LIMITS.maxDecodeMs);
});

test('every flavour tells its size without being decoded', async () => {
  for (const flavour of FLAVOURS) {
    const { width, height } = sniff(await flavour.make(new Random(2), 33, 21), flavour.name, NO_LIMITS);
    const part = flavour.name === 'gif smaller than its screen';
    assert.deepEqual([width, height], part ? [17, 7] : [33, 21], flavour.name);
  }
});
