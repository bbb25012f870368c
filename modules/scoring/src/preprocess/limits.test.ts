import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScoringError } from '../errors.js';
import { FLAVOURS } from '../testing/pictures/index.js';
import { Random } from '../testing/random.js';
import { DEFAULT_LIMITS, decodeMs, type PictureLimits } from './limits.js';
import { sniff } from './sniff.js';

const unlimited: PictureLimits = { maxBytes: 2 ** 40, maxPixels: 2 ** 40, maxSide: 2 ** 40, maxDecodeMs: 2 ** 40 };
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
  const bomb = Buffer.concat([file, ...Array.from({ length: 200 }, () => file.subarray(scan, scan + 12))]);
  assert.throws(() => sniff(bomb, 'x'), /decoding time in milliseconds is about \d+ \(7000x7000 in 2\d\d scans\)/);
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
});

test('every flavour tells its size without being decoded', async () => {
  for (const flavour of FLAVOURS) {
    const { width, height } = sniff(await flavour.make(new Random(2), 33, 21), flavour.name, unlimited);
    const part = flavour.name === 'gif smaller than its screen';
    assert.deepEqual([width, height], part ? [17, 7] : [33, 21], flavour.name);
  }
});
