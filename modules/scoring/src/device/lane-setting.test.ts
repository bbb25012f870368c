import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBearable, LaneSetting } from './lane-setting.js';

const MIB = 2 ** 20;
const LANE = 300 * MIB;

function load(setting: LaneSetting) {
  const lanes = setting.next(LANE);
  setting.load(lanes);
  return lanes.plan;
}

test('the plan is of the load, a choice of the next one', () => {
  const setting = new LaneSetting({ lanes: 'auto', threads: 1 }, 4, () => 8 * LANE);
  assert.deepEqual(setting.plan, { lanes: 4, threadsPerLane: 1 }, 'what a small model would have');
  assert.equal(setting.outdated, true);
  assert.deepEqual(load(setting), { lanes: 4, threadsPerLane: 1 });
  assert.equal(setting.outdated, false);
  setting.choose({ lanes: 2, threads: 2 });
  assert.equal(setting.outdated, true);
  assert.deepEqual(setting.plan, { lanes: 4, threadsPerLane: 1 }, 'still the loaded one');
  setting.unload();
  assert.deepEqual(load(setting), { lanes: 2, threadsPerLane: 2 });
  assert.equal(setting.outdated, false);
});

test('what the loaded model holds is free for its next load, and nothing more is', () => {
  let free = 4 * LANE;
  const setting = new LaneSetting({ lanes: 2, threads: 1 }, 4, () => free);
  load(setting);
  free = 2 * LANE;
  setting.choose({ lanes: 4, threads: 1 });
  assert.throws(() => setting.choose({ lanes: 5, threads: 1 }), { code: 'LANES_IMPOSSIBLE', message: /at most 4 of/ });
  assert.deepEqual(setting.choice, { lanes: 4, threads: 1 }, 'the last good one stays');
});

test('a choice that no load can bear is told by its text, not by the making', () => {
  const setting = new LaneSetting({ lanes: 64, threads: 64 }, 2, () => LANE);
  assert.deepEqual(setting.plan, { lanes: 64, threadsPerLane: 64 });
  assert.throws(() => setting.next(LANE), { code: 'LANES_IMPOSSIBLE', message: /4096 threads on 2 cores/ });
  assert.equal(isBearable({ lanes: 64, threads: 64 }, 2), false);
  assert.equal(isBearable({ lanes: 4, threads: 2 }, 2), true);
});

test('beside the loaded model there is room in half of what is free', () => {
  let free = 8 * LANE;
  const setting = new LaneSetting({ lanes: 2, threads: 1 }, 4, () => free);
  load(setting);
  free = 4 * LANE;
  setting.checkRoom('b:1', setting.next(LANE));
  free = 4 * LANE - 1;
  assert.throws(() => setting.checkRoom('b:1', setting.next(LANE)), {
    code: 'SWAP_MEMORY',
    message: /^b:1 is not built .* about 600 MB and may take half of the 1200 MB/,
  });
});

test('what is planned beside a loaded model is what it will have once that is gone', () => {
  let free = 8 * LANE;
  const setting = new LaneSetting({ lanes: 'auto', threads: 1 }, 4, () => free);
  load(setting);
  free = 4 * LANE;
  assert.deepEqual(setting.next(LANE).plan, { lanes: 4, threadsPerLane: 1 });
});
