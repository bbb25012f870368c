import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evenWeights, normalWeights } from './random-weights.js';

const all = (seed: number, name: string, count: number) =>
  [...normalWeights(seed, name, count, 2)].flatMap((piece) => [...piece]);

test('normal weights depend on seed and name, and have the mean and deviation asked for', () => {
  const values = all(1, 'a', 300_001);
  assert.equal(values.length, 300_001);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(deviation - 2) < 0.02, `${mean} ${deviation}`);
  assert.deepEqual(all(1, 'a', 9), all(1, 'a', 9));
  assert.notDeepEqual(all(1, 'a', 9), all(2, 'a', 9));
  assert.notDeepEqual(all(1, 'a', 9), all(1, 'b', 9));
});

test('the stream is the same on every machine', () => {
  assert.deepEqual(
    [...evenWeights(1, 'known', 3, 0, 1)].map((value) => value.toFixed(5)),
    ['-0.91528', '-0.53878', '-0.00442'],
  );
});
