import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chooseFormat, exponentRange, largestMantissa, MS_FP_FORMATS, type MsFpFormat } from './format.js';
import { quantizeBlocks, stepOf } from './quantize-blocks.js';

const CNN = chooseFormat();
const one = (values: readonly number[], format = CNN) =>
  quantizeBlocks(Float32Array.from(values), { axis: values.length, inner: 1 }, format);
/** 0 and -0 are the same number. */
const plain = (values: Iterable<number>) => Array.from(values, (value) => value + 0);

const formats = fc.constantFrom(...MS_FP_FORMATS, chooseFormat({ mantissaBits: 7, block: 3 }));
const floats = fc.oneof(
  fc.float({ noDefaultInfinity: true, noNaN: true, min: -4, max: 4 }),
  fc.float({ noDefaultInfinity: true, noNaN: true }),
);
const tensors = fc
  .record({
    axis: fc.integer({ min: 1, max: 300 }),
    inner: fc.integer({ min: 1, max: 4 }),
    slabs: fc.integer({ min: 1, max: 2 }),
  })
  .chain(({ axis, inner, slabs }) => {
    const length = axis * inner * slabs;
    return fc.record({
      layout: fc.constant({ axis, inner }),
      values: fc.array(floats, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list)),
    });
  });

/** Written from the definition, value by value, with logarithms corrected by comparison. */
function slow(values: Float32Array, { axis, inner }: { axis: number; inner: number }, format: MsFpFormat): number[] {
  return Array.from(values, (value, at) => {
    const channel = Math.floor(at / inner) % axis;
    const slab = Math.floor(at / (axis * inner)) * axis * inner;
    const first = channel - (channel % format.block);
    let largest = 0;
    for (let other = first; other < Math.min(axis, first + format.block); other++) {
      largest = Math.max(largest, Math.abs(values[slab + other * inner + (at % inner)]!));
    }
    let exponent = Math.round(Math.log2(largest || 2 ** -200));
    while (2 ** exponent > largest && exponent > -160) exponent--;
    while (2 ** (exponent + 1) <= largest) exponent++;
    const { least, most } = exponentRange(format);
    const step = 2 ** (Math.min(most, Math.max(least, exponent)) - format.mantissaBits + 1);
    const below = Math.floor(value / step);
    const rest = value / step - below;
    const steps = rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
    const limit = largestMantissa(format);
    return Math.fround(Math.max(-limit, Math.min(limit, steps)) * step);
  });
}

test('every value is what the definition says, for all formats, axes that are no multiple of the block, and slabs', () => {
  fc.assert(
    fc.property(tensors, formats, ({ layout, values }, format) => {
      assert.deepEqual(plain(quantizeBlocks(values, layout, format)), plain(slow(values, layout, format)));
    }),
    { numRuns: 150 },
  );
});

test('the error is half a step at most unless the value saturates; quantising again changes nothing; signs mirror', () => {
  fc.assert(
    fc.property(fc.array(floats, { minLength: 1, maxLength: 128 }), formats, (list, format) => {
      const values = Float32Array.from(list);
      const layout = { axis: values.length, inner: 1 };
      const single = { ...format, block: values.length };
      const rounded = quantizeBlocks(values, layout, single);
      const step = stepOf(
        values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
        single,
      );
      const bound = step * largestMantissa(single);
      for (const [at, value] of values.entries()) {
        const error = Math.abs(value - rounded[at]!);
        if (Math.abs(value) <= bound) assert.ok(error <= step / 2, `${value} -> ${rounded[at]}, step ${step}`);
        else assert.equal(rounded[at], Math.sign(value) * bound);
      }
      assert.deepEqual(plain(quantizeBlocks(rounded, layout, single)), plain(rounded));
      const mirrored = quantizeBlocks(
        values.map((value) => -value),
        layout,
        single,
      );
      assert.deepEqual(plain(mirrored), plain(rounded.map((value) => -value)));
    }),
    { numRuns: 300 },
  );
});

test('known values of 1 sign, 5 exponent and 5 mantissa bits', () => {
  assert.deepEqual(plain(one([1, 0.5, 1 / 16, 0.03, 0.04, -1.97])), [1, 0.5, 0.0625, 0, 0.0625, -1.9375]);
  // Halves go to the even mantissa: 1.5 and 2.5 steps of 1/16 are both 2.
  assert.deepEqual(plain(one([1, 1.5 / 16, 2.5 / 16])), [1, 0.125, 0.125]);
  assert.deepEqual(plain(one([0, -0, 0])), [0, 0, 0]);
});

test('the exponent is held in half precision: tiny blocks lose bits, huge ones saturate', () => {
  const least = 2 ** -18;
  assert.deepEqual(plain(one([least, least / 2, 2 ** -149])), [least, 0, 0]);
  assert.deepEqual(plain(one([2 ** -14, 2 ** -15])), [2 ** -14, 2 ** -15]);
  assert.deepEqual(plain(one([2 ** 20, -(2 ** 127), 2 ** 11])), [31 * 2 ** 11, -31 * 2 ** 11, 2 ** 11]);
  const wide = chooseFormat({ format: 'msfp16' });
  assert.deepEqual(plain(one([2 ** 100, 2 ** 94], wide)), [2 ** 100, 2 ** 94]);
  assert.deepEqual(plain(one([2 ** -120, 2 ** -126], wide)), [2 ** -120, 2 ** -126]);
});

test('a block ends after its last channel: a large value does not reach the next one', () => {
  const values = new Float32Array(130).fill(0.01);
  values[127] = 30;
  const rounded = one([...values]);
  assert.deepEqual([rounded[0], rounded[126], rounded[127]], [0, 0, 30]);
  assert.ok(Math.abs(rounded[128]! - 0.01) < 0.0003 && rounded[128] === rounded[129]);
});

test('what is not finite is refused with its place; so are formats that are none', () => {
  assert.throws(() => one([1, Number.POSITIVE_INFINITY]), /expected finite numbers, got Infinity at 1/);
  assert.throws(() => one([Number.NaN]), /expected finite numbers, got NaN at 0/);
  assert.throws(
    () => quantizeBlocks(new Float32Array(5), { axis: 2, inner: 2 }, CNN),
    /a multiple of 2 x 2 values, got 5/,
  );
  assert.throws(() => chooseFormat({ format: 'fp8' }), /expected one of ms-fp8, ms-fp9, ms-fp11, msfp12.*got "fp8"/);
  assert.throws(() => chooseFormat({ mantissaBits: 8 }), /mantissa: expected a whole number from 2 to 7, got 8/);
  assert.throws(() => chooseFormat({ block: 0 }), /block: expected a whole number from 1 to 1024, got 0/);
});

test('formats are known by their published names', () => {
  assert.deepEqual(
    MS_FP_FORMATS.map(({ name, mantissaBits, block }) => `${name} ${mantissaBits}/${block}`),
    [
      'ms-fp8 2/128',
      'ms-fp9 3/128',
      'ms-fp11 5/128',
      'msfp12 3/16',
      'msfp13 4/16',
      'msfp14 5/16',
      'msfp15 6/16',
      'msfp16 7/16',
    ],
  );
  assert.equal(chooseFormat({ mantissaBits: 3 }).name, 'ms-fp9');
  assert.equal(chooseFormat({ mantissaBits: 7 }).name, 'custom');
  assert.deepEqual(exponentRange(CNN), { least: -14, most: 15 });
  assert.deepEqual(exponentRange(chooseFormat({ format: 'msfp12' })), { least: -126, most: 127 });
});
