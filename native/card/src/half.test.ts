import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { floatToHalf, halfToFloat } from './half.js';

test('every half survives the way to float32 and back', () => {
  for (let bits = 0; bits < 65_536; bits++) {
    const noNumber = (bits & 0x7fff) > 0x7c00;
    assert.equal(floatToHalf(halfToFloat(bits)), noNumber ? 0x7e00 : bits, bits.toString(16));
  }
});

test('the nearest half is taken, and the even one of two', () => {
  // Signs are symmetric; neighbours of a positive half are the bits above and below it.
  fc.assert(
    fc.property(fc.float({ min: 0, max: 65_504, noNaN: true }), (value) => {
      const bits = floatToHalf(value);
      const away = Math.abs(halfToFloat(bits) - value);
      for (const other of [bits - 1, bits + 1].filter((one) => one >= 0 && one < 0x7c00)) {
        const theirs = Math.abs(halfToFloat(other) - value);
        assert.ok(away < theirs || (away === theirs && bits % 2 === 0));
      }
      assert.equal(floatToHalf(-value), bits | 0x8000);
    }),
    { numRuns: 2_000 },
  );
});

test('known values', () => {
  const known: [number, number][] = [
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_520, 0x7c00],
    [65_519, 0x7bff],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -14, 0x400],
    [0.1, 0x2e66],
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ];
  for (const [value, bits] of known) assert.equal(floatToHalf(value), bits, String(value));
});
