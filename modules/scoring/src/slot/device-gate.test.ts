import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scoringError } from '../errors.js';
import { fakePackage, gate, PreparingDevice } from '../testing/fake-device.js';
import { Slot } from './slot.js';

const BUSY = scoringError('LEASE_BUSY', 'emulator', 'module b', 'does not answer');
const HANDED_OVER = scoringError('LEASE_HANDED_OVER', 'emulator', 'module b');

class ReleasingDevice extends PreparingDevice {
  async release(): Promise<void> {
    this.log.push('release');
  }
}

function setUp(t: TestContext) {
  const device = new ReleasingDevice();
  const asked: number[] = [];
  const door: { open: boolean; pass: (signal: AbortSignal) => Promise<void> } = { open: true, pass: async () => {} };
  const slot = new Slot({
    device,
    open: async ({ name, version = 1 }) => fakePackage(name, version),
    gate: {
      get open() {
        return door.open;
      },
      pass: (signal) => {
        asked.push(asked.length);
        return door.pass(signal);
      },
    },
    retry: { initialMs: 1, maxMs: 1, stableMs: 60_000 },
  });
  t.after(() => slot.close(0));
  return { device, slot, door, asked };
}

const available = (slot: Slot) =>
  new Promise<void>((resolve) => {
    slot.onState(({ state }) => state === 'AVAILABLE' && resolve());
  });

test('nothing is loaded before the gate has been passed', async (t) => {
  const { device, slot, door } = setUp(t);
  const opened = gate();
  door.pass = () => opened.opened;
  const wish = slot.aspire({ name: 'a' }, 'start');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([slot.state.state, device.log], ['LOADING', []]);
  opened.open();
  assert.equal((await wish).result, 'loaded');
});

test('a closed gate ends the wish with its reason; nothing is tried before the slot is resumed', async (t) => {
  const { device, slot, door, asked } = setUp(t);
  door.pass = async () => {
    throw BUSY;
  };
  const outcome = await slot.aspire({ name: 'a' }, 'start');
  assert.deepEqual([outcome.result, outcome.error?.code], ['failed', 'LEASE_BUSY']);
  assert.deepEqual([slot.state.state, slot.state.error?.code], ['END', 'LEASE_BUSY']);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(asked.length, 1, 'the back-off of a failed load does not count here');
  door.pass = async () => {};
  const back = available(slot);
  slot.resume();
  await back;
  assert.deepEqual([device.held, slot.state.error], ['a:1', undefined]);
});

test('a gate that closes for a model that was lost waits for the resumption, too', async (t) => {
  const { device, slot, door } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  door.pass = async () => {
    throw BUSY;
  };
  const ended = new Promise<void>((resolve) => {
    slot.onState(({ state }) => state === 'END' && resolve());
  });
  device.lose();
  await ended;
  assert.equal(slot.state.error?.code, 'LEASE_BUSY');
  door.pass = async () => {};
  const back = available(slot);
  slot.resume();
  await back;
});

test('a device that is given up is drained, emptied and released before the promise is kept', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const handle = slot.acquire()!;
  let given = false;
  const yielded = slot.yield(HANDED_OVER, 1000).then(() => {
    given = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([slot.state.state, slot.acquire(), device.held, given], ['UNLOADING', undefined, 'a:1', false]);
  handle.release();
  await yielded;
  assert.deepEqual(device.log, ['load a:1', 'unload a:1', 'release']);
  assert.deepEqual([slot.state.state, slot.state.error?.code], ['END', 'LEASE_HANDED_OVER']);
  assert.equal(slot.mayServe({ name: 'a' }), true, 'it may come back');
  const back = available(slot);
  slot.resume();
  await back;
  assert.equal(device.held, 'a:1');
});

test('the drain before a hand-over is bounded', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  slot.acquire();
  await slot.yield(HANDED_OVER, 1);
  assert.equal(device.held, undefined);
});

test('a wish that loads when the device is given up fails with the reason, and is the goal afterwards', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const loading = gate();
  device.onPrepare = async () => {
    throw scoringError('SWAP_MEMORY', 'b:1', '2 MB', '1 MB');
  };
  device.onLoad = ({ id }, signal) => {
    if (id.name !== 'b') return Promise.resolve();
    loading.open();
    return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(scoringError('CANCELLED'))));
  };
  const wish = slot.aspire({ name: 'b' }, 'twin');
  await loading.opened;
  await slot.yield(HANDED_OVER, 1000);
  assert.deepEqual([(await wish).result, (await wish).error?.code], ['failed', 'LEASE_HANDED_OVER']);
  assert.equal(device.held, undefined);
  device.onLoad = async () => {};
  const back = available(slot);
  slot.resume();
  await back;
  assert.equal(device.held, 'b:1');
});

test('a new wish asks for the device again, and needs no resumption', async (t) => {
  const { device, slot, asked } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  await slot.yield(HANDED_OVER, 1000);
  slot.resume();
  await slot.yield(HANDED_OVER, 1000);
  const before = asked.length;
  assert.equal((await slot.aspire({ name: 'b' }, 'twin')).result, 'loaded');
  assert.equal(asked.length, before + 1);
  assert.equal(device.held, 'b:1');
});

test('who asks twice for the device, and who asks while the slot ends, gets it', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  await Promise.all([slot.yield(HANDED_OVER, 1000), slot.yield(BUSY, 1000)]);
  assert.equal(slot.state.error?.code, 'LEASE_BUSY', 'the later reason is shown');
  await Promise.all([slot.close(0), slot.yield(HANDED_OVER, 1000)]);
  assert.equal(device.held, undefined);
});

test('while the gate is shut the model is built first: a broken one asks nobody for the device', async (t) => {
  const { device, slot, door, asked } = setUp(t);
  door.open = false;
  device.onPrepare = async () => {
    throw scoringError('PACKAGE_GRAPH', 'featurizer.onnx', 'graph', 'a graph', 'noise');
  };
  assert.equal((await slot.aspire({ name: 'b' }, 'twin')).error?.code, 'PACKAGE_GRAPH');
  assert.deepEqual(asked, []);
  device.onPrepare = async () => {};
  device.onLoad = () => assert.fail('built again');
  assert.equal((await slot.aspire({ name: 'a' }, 'twin')).result, 'loaded');
  assert.deepEqual([device.log, asked], [['prepare a:1', 'load a:1'], [0]]);
});
