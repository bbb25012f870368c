import assert from 'node:assert/strict';
import { it } from 'node:test';
import { flatness } from './flat-memory.js';

const MEGABYTE = 1 << 20;
const samples = (at: (cycle: number) => number) => Array.from({ length: 200 }, (_, cycle) => at(cycle));
/** Between -1 and 1, the same each time. */
const noise = (cycle: number) => Math.sin(cycle * 12.9898) * Math.cos(cycle * 78.233);

it('memory that stays, shakes, falls or has grown before is flat', () => {
  assert.ok(flatness(samples(() => 80 * MEGABYTE)).flat);
  assert.ok(flatness(samples((cycle) => (80 + noise(cycle)) * MEGABYTE)).flat);
  assert.ok(flatness(samples((cycle) => (80 - cycle / 100) * MEGABYTE)).flat);
  assert.ok(flatness(samples((cycle) => (cycle < 50 ? 40 + cycle : 90) * MEGABYTE)).flat);
});

it('a leak of a kilobyte a cycle is not, nor one that noise hides from the slope', () => {
  const leak = flatness(samples((cycle) => 80 * MEGABYTE + cycle * 1024));
  assert.deepEqual(leak, { flat: false, text: '1024 ± 0 bytes a cycle, 0.14 %' });
  assert.ok(!flatness(samples((cycle) => (80 + noise(cycle) + cycle / 20) * MEGABYTE)).flat);
  assert.throws(() => flatness([1, 2, 3]), /expected 150 samples or more, found 3/);
});
