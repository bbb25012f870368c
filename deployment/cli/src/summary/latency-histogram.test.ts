import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { LatencyHistogram } from './latency-histogram.js';

it('gives the median to 0.1 ms and the maximum, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 300 }), (tenths) => {
      const histogram = new LatencyHistogram();
      for (const value of tenths) histogram.add(value / 10);
      const sorted = [...tenths].sort((a, b) => a - b);
      const median = sorted[Math.ceil(sorted.length / 2) - 1]! / 10;
      assert.ok(Math.abs(histogram.median! - median) < 0.051, `${histogram.median} for ${median}`);
      assert.equal(histogram.max, sorted.at(-1)! / 10);
      assert.equal(histogram.count, tenths.length);
    }),
    { numRuns: 60 },
  );
});

it('says null when there is nothing', () => {
  const histogram = new LatencyHistogram();
  assert.equal(histogram.median, null);
  assert.equal(histogram.max, null);
});
