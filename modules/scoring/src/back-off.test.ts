import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from './back-off.js';

const OPTIONS = { initialMs: 10, maxMs: 65, stableMs: 1000 };

test('delays double up to the most, and start over after a reset', () => {
  const backOff = new BackOff(OPTIONS);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => backOff.afterFailure()),
    [10, 20, 40, 65, 65],
  );
  backOff.reset();
  assert.equal(backOff.afterFailure(), 10);
});

test('a first loss costs nothing, losses in a row do, a model that served long enough is forgiven', () => {
  const backOff = new BackOff(OPTIONS);
  assert.deepEqual([backOff.afterLoss(5), backOff.afterLoss(5), backOff.afterLoss(5)], [0, 20, 40]);
  assert.equal(backOff.afterLoss(1000), 0);
  assert.equal(backOff.afterLoss(999), 20);
});
