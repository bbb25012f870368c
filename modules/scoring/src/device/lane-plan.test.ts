import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planLanes } from './lane-plan.js';

const GIB = 2 ** 30;

test('lanes follow cores, within half of the memory', () => {
  assert.deepEqual(planLanes('auto', 1, 4 * GIB), { lanes: 1, threadsPerLane: 1 });
  assert.deepEqual(planLanes('auto', 2, 24 * GIB), { lanes: 1, threadsPerLane: 2 });
  assert.deepEqual(planLanes('auto', 8, 24 * GIB), { lanes: 2, threadsPerLane: 4 });
  assert.deepEqual(planLanes('auto', 32, 64 * GIB), { lanes: 8, threadsPerLane: 4 });
  assert.deepEqual(planLanes('auto', 32, 2 * GIB), { lanes: 1, threadsPerLane: 32 });
  assert.deepEqual(planLanes({ lanes: 3, threadsPerLane: 1 }, 2, GIB), { lanes: 3, threadsPerLane: 1 });
});
