import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, quantile, quartiles, ratios } from './statistics.js';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

test('quantiles are interpolated and do not disturb the values', () => {
  const four = [4, 1, 3, 2];
  assert.equal(median(four), 2.5);
  assert.deepEqual(quartiles(four), [1.75, 3.25]);
  assert.deepEqual([quantile(four, 0), quantile(four, 1), median([7])], [1, 4, 7]);
  assert.deepEqual(four, [4, 1, 3, 2]);
  assert.ok(Number.isNaN(median([])));
});

test('half of the values lie on each side of the median, whatever their order', () => {
  fc.assert(
    fc.property(values, (all) => {
      const middle = median(all);
      assert.ok(all.filter((value) => value < middle).length <= all.length / 2);
      assert.ok(all.filter((value) => value > middle).length <= all.length / 2);
      assert.equal(median(all.toReversed()), middle);
      const [low, high] = quartiles(all);
      assert.ok(low <= middle && middle <= high);
    }),
  );
});

test('ratios are taken round by round, so that a slow round does not show', () => {
  assert.deepEqual(ratios([2, 20, 4], [1, 10, 2]), [2, 2, 2]);
  assert.throws(() => ratios([1, 2], [1]), RangeError);
});
