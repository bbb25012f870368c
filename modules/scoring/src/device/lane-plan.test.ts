import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScoringError } from '../errors.js';
import { AUTO, type LaneChoice, type LanePlan, planLanes } from './lane-plan.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const plan = (choice: LaneChoice, cores: number, freeBytes: number, laneBytes = 768 * MIB) =>
  planLanes(choice, { cores, freeBytes }, laneBytes);
const refusal = (...parameters: Parameters<typeof plan>): string => {
  try {
    plan(...parameters);
  } catch (error) {
    assert.ok(error instanceof ScoringError);
    assert.equal(error.code, 'LANES_IMPOSSIBLE');
    return error.message;
  }
  return '';
};

test('auto follows cores, within half of the free memory', () => {
  assert.deepEqual(plan(AUTO, 1, 4 * GIB), { lanes: 1, threadsPerLane: 1 });
  assert.deepEqual(plan(AUTO, 2, 24 * GIB), { lanes: 1, threadsPerLane: 2 });
  assert.deepEqual(plan(AUTO, 8, 24 * GIB), { lanes: 2, threadsPerLane: 4 });
  assert.deepEqual(plan(AUTO, 32, 64 * GIB), { lanes: 8, threadsPerLane: 4 });
  assert.deepEqual(plan(AUTO, 32, 2 * GIB), { lanes: 1, threadsPerLane: 32 });
  assert.deepEqual(plan(AUTO, 32, 2 * GIB, 200 * MIB), { lanes: 5, threadsPerLane: 6 }, 'a smaller model has more');
  assert.deepEqual(plan(AUTO, 1000, 9999 * GIB), { lanes: 64, threadsPerLane: 15 });
});

test('what is asked for is taken; the other half follows', () => {
  assert.deepEqual(plan({ lanes: 3, threads: 1 }, 2, 24 * GIB), { lanes: 3, threadsPerLane: 1 });
  assert.deepEqual(plan({ lanes: 2, threads: 'auto' }, 2, 24 * GIB), { lanes: 2, threadsPerLane: 1 });
  assert.deepEqual(plan({ lanes: 'auto', threads: 1 }, 2, 24 * GIB), { lanes: 2, threadsPerLane: 1 });
  assert.deepEqual(plan({ lanes: 'auto', threads: 1 }, 2, GIB), { lanes: 1, threadsPerLane: 1 });
  assert.deepEqual(plan({ lanes: 1, threads: 1 }, 2, 0), { lanes: 1, threadsPerLane: 1 }, 'one lane is always tried');
});

test('what neither cores nor memory can bear is refused, with what could be asked for', () => {
  assert.equal(
    refusal({ lanes: 16, threads: 4 }, 2, 64 * GIB),
    'scoring.lanes is 16 and scoring.threads is 4: 64 threads on 2 cores; expected at most 8 threads in all, or auto',
  );
  assert.equal(
    refusal({ lanes: 4, threads: 'auto' }, 8, 2 * GIB),
    "scoring.lanes is 4 and scoring.threads is auto: a lane takes about 768 MB and 2048 MB are free; expected at most 2 of this model's lanes, or auto",
  );
  assert.match(refusal({ lanes: 'auto', threads: 64 }, 1, GIB), /64 threads on 1 core; expected at most 4 /);
});

const number = fc.integer({ min: 1, max: 64 });
const choices = fc.record({
  lanes: fc.oneof(fc.constant('auto' as const), number),
  threads: fc.oneof(fc.constant('auto' as const), number),
});
const hosts = fc.record({
  cores: fc.integer({ min: 1, max: 512 }),
  freeBytes: fc.integer({ min: 0, max: 512 * GIB }),
  laneBytes: fc.integer({ min: MIB, max: 4 * GIB }),
});

test('a plan is within every bound, gives what was asked for, and auto is never refused', () => {
  fc.assert(
    fc.property(choices, hosts, (choice, { cores, freeBytes, laneBytes }) => {
      let found: LanePlan;
      try {
        found = plan(choice, cores, freeBytes, laneBytes);
      } catch (error) {
        assert.equal((error as ScoringError).code, 'LANES_IMPOSSIBLE');
        assert.ok(choice.lanes !== 'auto' || choice.threads !== 'auto');
        const threads = (choice.lanes === 'auto' ? 1 : choice.lanes) * (choice.threads === 'auto' ? 1 : choice.threads);
        const lanes = choice.lanes === 'auto' ? 1 : choice.lanes;
        assert.ok(threads > 4 * cores || lanes * laneBytes > freeBytes, 'refused without a reason');
        return;
      }
      const { lanes, threadsPerLane } = found;
      for (const count of [lanes, threadsPerLane]) assert.ok(Number.isInteger(count) && count >= 1 && count <= 64);
      if (choice.lanes !== 'auto') assert.equal(lanes, choice.lanes);
      if (choice.threads !== 'auto') assert.equal(threadsPerLane, choice.threads);
      assert.ok(lanes * threadsPerLane <= 4 * cores);
      assert.ok(lanes === 1 || lanes * laneBytes <= freeBytes);
      if (choice.lanes !== 'auto') return;
      assert.ok(lanes === 1 || lanes * laneBytes <= freeBytes / 2, 'half of the memory is left to others');
      if (choice.threads === 'auto')
        assert.ok(lanes * threadsPerLane <= cores, 'auto does not take more than all cores');
    }),
    { numRuns: 2000 },
  );
});

test('more cores or more memory never make auto choose fewer lanes', () => {
  fc.assert(
    fc.property(hosts, fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 64 * GIB }), (host, cores, bytes) => {
      const { freeBytes, laneBytes } = host;
      const less = plan(AUTO, host.cores, freeBytes, laneBytes);
      const more = plan(AUTO, host.cores + cores, freeBytes + bytes, laneBytes);
      assert.ok(more.lanes >= less.lanes);
    }),
  );
});
