import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AUTO } from '../device/lane-plan.js';
import { LaneSetting } from '../device/lane-setting.js';
import { scoringError } from '../errors.js';
import { FakeDevice, fakePackage, gate } from '../testing/fake-device.js';
import { LaneChanges } from './lane-changes.js';
import { Slot } from './slot.js';

const LANE = 2 ** 20;

/** A device whose loads take the lanes that are chosen at that moment, as the emulator's do. */
function setUp(t: TestContext) {
  const device = new FakeDevice();
  const setting = new LaneSetting(AUTO, 8, () => 100 * LANE);
  const loaded: string[] = [];
  let refuse = (_lanes: number): Error | undefined => undefined;
  let opened = Promise.resolve();
  device.onLoad = async () => {
    setting.unload();
    const planned = setting.next(LANE);
    setting.load(planned);
    const { lanes, threadsPerLane } = planned.plan;
    loaded.push(`${lanes}x${threadsPerLane}`);
    await opened;
    const error = refuse(lanes);
    if (error) throw error;
  };
  const slot = new Slot({
    device,
    open: async ({ name, version = 1 }) => fakePackage(name, version),
    retry: { initialMs: 60_000, maxMs: 60_000, stableMs: 60_000 },
  });
  t.after(() => slot.close(0));
  const changes = new LaneChanges(slot, setting);
  return {
    slot,
    changes,
    setting,
    loaded,
    refuse: (why: typeof refuse) => {
      refuse = why;
    },
    hold: () => {
      const held = gate();
      opened = held.opened;
      return held;
    },
  };
}

test('another choice loads the held model again, the same one does nothing', async (t) => {
  const { slot, changes, loaded } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  assert.equal(changes.change(AUTO), undefined);
  assert.equal(await changes.change({ lanes: 4, threads: 1 }), undefined);
  assert.equal(changes.change({ lanes: 4, threads: 1 }), undefined);
  assert.deepEqual(loaded, ['2x4', '4x1']);
  assert.equal(slot.state.state, 'AVAILABLE');
  assert.deepEqual(
    slot.history.map(({ from, to, requestedBy, result }) => [from, to, requestedBy, result]),
    [
      [undefined, 'a:1', 'start', 'loaded'],
      ['a:1', 'a:1', 'twin', 'loaded'],
    ],
  );
});

test('an impossible choice is refused at once and nothing is unloaded', async (t) => {
  const { slot, changes, loaded } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  assert.throws(() => changes.change({ lanes: 64, threads: 4 }), { code: 'LANES_IMPOSSIBLE' });
  assert.deepEqual(changes.choice, AUTO);
  assert.deepEqual(loaded, ['2x4']);
});

test('a choice that comes while a model loads is applied after it, the newest one only', async (t) => {
  const { slot, changes, loaded, hold } = setUp(t);
  const held = hold();
  const first = slot.aspire({ name: 'a' }, 'start');
  await new Promise((resolve) => setImmediate(resolve));
  const changed = [1, 2, 3].map((lanes) => changes.change({ lanes, threads: 1 }));
  held.open();
  assert.equal((await first).result, 'loaded');
  await Promise.all(changed);
  assert.deepEqual(loaded, ['2x4', '3x1']);
  assert.equal(slot.state.state, 'AVAILABLE');
});

test('a choice that comes with a wish costs no second load', async (t) => {
  const { slot, changes, loaded } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const wish = slot.aspire({ name: 'b' }, 'twin');
  await changes.change({ lanes: 1, threads: 1 });
  assert.equal((await wish).result, 'loaded');
  assert.deepEqual(loaded, ['2x4', '1x1']);
});

test('a choice that the model does not load with is taken back', async (t) => {
  const { slot, changes, loaded, refuse } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  refuse((lanes) => (lanes === 3 ? scoringError('DEVICE_LOST', 'out of memory') : undefined));
  const error = await changes.change({ lanes: 3, threads: 1 });
  assert.equal(error?.code, 'DEVICE_LOST');
  assert.equal(loaded.at(-1), '2x4');
  assert.deepEqual(changes.choice, AUTO);
  assert.equal(slot.state.state, 'AVAILABLE');
});

test('after a failed start another choice tries again at once', async (t) => {
  const { slot, changes, refuse } = setUp(t);
  refuse((lanes) => (lanes === 2 ? scoringError('DEVICE_LOST', 'out of memory') : undefined));
  assert.equal((await slot.aspire({ name: 'a' }, 'start')).result, 'failed');
  assert.equal(slot.state.state, 'END');
  assert.equal(await changes.change({ lanes: 1, threads: 'auto' }), undefined);
  assert.equal(slot.state.state, 'AVAILABLE');
  assert.equal(slot.state.error, undefined);
});

test('a device without such a choice has nothing to change', () => {
  const changes = new LaneChanges({ reload: () => assert.fail('reloaded') }, undefined);
  assert.equal(changes.change({ lanes: 2, threads: 2 }), undefined);
  assert.equal(changes.choice, undefined);
});
