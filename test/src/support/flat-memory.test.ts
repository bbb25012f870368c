import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryTrend } from './flat-memory.js';

const MB = 1_000_000;
/** Up and down by 5 MB about 300 MB, differently each time, but always the same way. */
const noise = (at: number) => 300 * MB + 5 * MB * Math.sin(at * 12.9898 + Math.sin(at * 78.233) * 3);
const readings = (value: (at: number) => number, count = 200) => Array.from({ length: count }, (_, at) => value(at));

test('noise is flat, and so is what shrinks', () => {
  assert.ok(memoryTrend(readings(noise)).flat);
  assert.ok(memoryTrend(readings((at) => noise(at) - at * 50_000)).flat);
});

test('a tenth of a megabyte each cycle is found, and a step that stays', () => {
  const leak = memoryTrend(readings((at) => noise(at) + at * 100_000));
  assert.ok(!leak.flat);
  assert.ok(leak.interval[0] > 0 && leak.interval[0] < 100_000 && leak.interval[1] > 100_000, String(leak.interval));
  const step = memoryTrend(readings((at) => noise(at) + (at > 50 ? 20 * MB : 0)));
  assert.ok(!step.flat && step.ratio > 1.03, String(step.ratio));
});

test('what the first cycles allocate and keep is no leak', () => {
  assert.ok(memoryTrend(readings((at) => noise(at) - 15 * MB * Math.exp(-at / 5))).flat);
});

test('too few readings say nothing', () => {
  assert.throws(() => memoryTrend(readings(noise, 149)), { name: 'RangeError' });
});
