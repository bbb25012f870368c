import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scoringError } from './errors.js';
import type { ModelReference } from './model/model-id.js';
import { Slot } from './slot/slot.js';
import type { SlotStateName } from './slot/slot-state.js';
import { FakeDevice, fakePackage } from './testing/fake-device.js';
import { type VersionState, versionStates } from './version-states.js';

const RETRY = { initialMs: 60_000, maxMs: 60_000, stableMs: 60_000 };

/** A real slot with a device in memory, and what there is to see at each change of state. */
function setUp(t: TestContext) {
  const device = new FakeDevice();
  const spoilt = new Set<number>();
  const open = async ({ name, version = 1 }: ModelReference) => {
    if (spoilt.has(version)) throw scoringError('PACKAGE_FILE_MISSING', `v${version}`);
    return fakePackage(name, version);
  };
  const slot = new Slot({ device, open, retry: RETRY });
  t.after(() => slot.close(0));
  const see = (name = 'm') => brief(versionStates(name, { state: () => slot.state, control: slot }));
  const seen: string[] = [];
  slot.onState(() => seen.push(see()));
  return { device, slot, spoilt, see, seen, want: (version: number) => slot.aspire({ name: 'm', version }, 'rpc') };
}

function brief(states: readonly VersionState[]): string {
  return states.map(({ version, state, error }) => `${version} ${state}${error ? ` ${error.code}` : ''}`).join(', ');
}

test('a swap shows both versions on their ways; a model that nothing was heard of shows none', async (t) => {
  const { see, seen, want } = setUp(t);
  await want(1);
  await want(2);
  assert.deepEqual(seen, [
    '1 LOADING',
    '1 AVAILABLE',
    '2 START, 1 UNLOADING',
    '2 LOADING, 1 END',
    '2 AVAILABLE, 1 END',
  ]);
  assert.equal(see('other'), '');
});

test('a version that cannot be read stays to be seen beside the one that serves, until it loads', async (t) => {
  const { see, spoilt, want } = setUp(t);
  await want(1);
  spoilt.add(2);
  await want(2);
  assert.equal(see(), '2 END PACKAGE_FILE_MISSING, 1 AVAILABLE');
  await want(3);
  assert.equal(see(), '3 AVAILABLE, 2 END PACKAGE_FILE_MISSING, 1 END', 'also after another has loaded');
  spoilt.clear();
  await want(2);
  assert.equal(see(), '3 END, 2 AVAILABLE, 1 END');
});

test('a version that the device refuses has failed while the last good one is brought back', async (t) => {
  const { device, seen, want } = setUp(t);
  await want(1);
  device.onLoad = async ({ id }) => {
    if (id.version === 2) throw scoringError('PACKAGE_GRAPH', 'x', 'graph', 'one', 'none');
  };
  seen.length = 0;
  await want(2);
  assert.deepEqual(seen, [
    '2 START, 1 UNLOADING',
    '2 LOADING, 1 END',
    '2 END PACKAGE_GRAPH, 1 LOADING',
    '2 END PACKAGE_GRAPH, 1 AVAILABLE',
  ]);
});

test('a first model that fails is at its end with the reason', async (t) => {
  const { spoilt, see, want } = setUp(t);
  spoilt.add(1);
  await want(1);
  assert.equal(see(), '1 END PACKAGE_FILE_MISSING');
});

test('a model that the device loses twice is at its end with the loss', async (t) => {
  const { device, slot, see, want } = setUp(t);
  await want(1);
  const reached = (wanted: SlotStateName) =>
    new Promise<void>((resolve) => {
      const stop = slot.onState(({ state }) => {
        if (state === wanted) resolve(stop());
      });
    });
  const back = reached('AVAILABLE');
  device.lose();
  await back;
  device.lose();
  assert.equal(slot.state.state, 'END');
  assert.equal(see(), '1 END DEVICE_LOST');
});
