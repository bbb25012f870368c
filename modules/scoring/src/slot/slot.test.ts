import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scoringError } from '../errors.js';
import type { ModelReference } from '../model/model-id.js';
import { FakeDevice, fakePackage, gate } from '../testing/fake-device.js';
import { Slot, type SlotOptions } from './slot.js';
import type { SlotState } from './slot-state.js';

const RETRY = { initialMs: 1, maxMs: 2, stableMs: 60_000 };

function setUp(t: TestContext, options: Partial<SlotOptions> = {}) {
  const device = new FakeDevice();
  const missing = new Set<string>();
  const open = async ({ name, version = 1 }: ModelReference) => {
    if (missing.has(name)) throw scoringError('MODEL_NOT_FOUND', name, '/models', 'nothing');
    return fakePackage(name, version);
  };
  const slot = new Slot({ device, open, retry: RETRY, ...options });
  t.after(() => slot.close(0));
  const states: string[] = [];
  slot.onState(({ state, model, error }) => {
    states.push(`${state} ${model?.name ?? '-'}${error ? ` ${error.code}` : ''}`);
  });
  return { device, slot, states, missing };
}

function reached(slot: Slot, wanted: (state: SlotState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = slot.onState((state) => {
      if (!wanted(state)) return;
      stop();
      resolve();
    });
  });
}

test('a first wish loads, warms up and serves; an equal one changes nothing', async (t) => {
  const { device, slot, states } = setUp(t);
  assert.equal(slot.state.state, 'START');
  assert.equal(slot.acquire(), undefined);
  const outcome = await slot.aspire({ name: 'a' }, 'start');
  assert.equal(outcome.result, 'loaded');
  assert.equal(outcome.to, 'a:1');
  assert.deepEqual(Object.keys(outcome.durations).sort(), ['blackout', 'load', 'verify', 'warmup']);
  assert.deepEqual(states, ['LOADING a', 'AVAILABLE a']);
  assert.equal((await slot.aspire({ name: 'a' }, 'twin')).result, 'unchanged');
  assert.equal((await slot.aspire({ name: 'a', version: 1 }, 'twin')).result, 'unchanged');
  assert.deepEqual(device.log, ['load a:1']);
  assert.deepEqual(
    slot.history.map((one) => one.result),
    ['loaded', 'unchanged', 'unchanged'],
  );
});

test('the end of every wish is told, before the state that it leaves and also when a newer one takes its place', async (t) => {
  const { slot } = setUp(t);
  const told: string[] = [];
  slot.onOutcome(({ to, result }) => told.push(`${to} ${result}`));
  slot.onState(({ state }) => state === 'AVAILABLE' && told.push(state));
  const a = slot.aspire({ name: 'a' }, 'start');
  slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual(told, ['a superseded']);
  await slot.aspire({ name: 'b' }, 'rpc');
  assert.equal((await a).result, 'superseded');
  assert.deepEqual(told, ['a superseded', 'b:1 loaded', 'AVAILABLE']);
});

test('a swap drains without cancelling, unloads, then loads', async (t) => {
  const { device, slot, states } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const handle = slot.acquire()!;
  const swap = slot.aspire({ name: 'b' }, 'twin');
  await reached(slot, ({ state }) => state === 'UNLOADING');
  assert.equal(slot.current, undefined);
  assert.equal(device.held, 'a:1', 'the old model stays until its last frame is answered');
  handle.release();
  handle.release();
  const { result, from, durations } = await swap;
  assert.deepEqual([result, from], ['loaded', 'a:1']);
  assert.ok(durations.drain !== undefined && durations.unload !== undefined && durations.blackout !== undefined);
  assert.deepEqual(device.log, ['load a:1', 'unload a:1', 'load b:1']);
  assert.deepEqual(states, ['LOADING a', 'AVAILABLE a', 'UNLOADING a', 'LOADING b', 'AVAILABLE b']);
});

test('a drain that does not end is given up after its bound', async (t) => {
  const { device, slot } = setUp(t, { swap: () => ({ drainTimeoutMs: 5, memory: 'preserve' }) });
  await slot.aspire({ name: 'a' }, 'start');
  slot.acquire();
  assert.equal((await slot.aspire({ name: 'b' }, 'twin')).result, 'loaded');
  assert.equal(device.held, 'b:1');
});

test('a package that cannot be verified leaves the old model serving, and is told', async (t) => {
  const { device, slot, states, missing } = setUp(t);
  missing.add('b');
  await slot.aspire({ name: 'a' }, 'start');
  const outcome = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([outcome.result, outcome.error?.code], ['failed', 'MODEL_NOT_FOUND']);
  assert.deepEqual(states.slice(2), ['AVAILABLE a MODEL_NOT_FOUND']);
  assert.equal(slot.state.error?.model, 'b');
  assert.equal(slot.current?.id.name, 'a');
  assert.deepEqual(device.log, ['load a:1']);
  missing.clear();
  await slot.aspire({ name: 'b' }, 'twin');
  assert.equal(slot.state.error, undefined, 'a load that succeeds ends the error');
});

test('a load that fails brings the last good model back and keeps the error', async (t) => {
  const { device, slot, states } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  device.onLoad = async ({ id }) => {
    if (id.name === 'b') throw scoringError('PACKAGE_GRAPH', 'featurizer.onnx', 'graph', 'a graph', 'noise');
  };
  const outcome = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([outcome.result, outcome.error?.code], ['restored', 'PACKAGE_GRAPH']);
  assert.deepEqual(states.slice(2), [
    'UNLOADING a',
    'LOADING b',
    'LOADING a PACKAGE_GRAPH',
    'AVAILABLE a PACKAGE_GRAPH',
  ]);
  assert.equal(slot.current?.id.name, 'a');
});

test('a warm-up that fails is a load that fails', async (t) => {
  const { device, slot } = setUp(t, { warmUpTimeoutMs: 5 });
  await slot.aspire({ name: 'a' }, 'start');
  device.onScore = () => (device.held === 'b:1' ? new Promise(() => {}) : Promise.resolve());
  const outcome = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual(
    [outcome.result, outcome.error?.text],
    ['restored', 'the device lost its model: the warm-up took more than 5 ms'],
  );
});

test('when nothing can be loaded the slot is at END with the reason, and tries again', async (t) => {
  const { slot, missing } = setUp(t);
  missing.add('a');
  const outcome = await slot.aspire({ name: 'a' }, 'start');
  assert.deepEqual([outcome.result, slot.state.state, slot.state.error?.code], ['failed', 'END', 'MODEL_NOT_FOUND']);
  const back = reached(slot, ({ state }) => state === 'AVAILABLE');
  missing.clear();
  await back;
  assert.equal(slot.state.error, undefined);
  assert.equal(slot.current?.id.name, 'a');
});

test('neither new nor old can be loaded: END, and the wish is tried first afterwards', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  device.onLoad = async () => {
    throw new Error('no memory');
  };
  const outcome = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([outcome.result, slot.state.state], ['failed', 'END']);
  assert.match(slot.state.error!.text, /no memory/);
  const back = reached(slot, ({ state }) => state === 'AVAILABLE');
  device.onLoad = async () => {};
  await back;
  assert.equal(slot.current?.id.name, 'b');
});

test('the newest wish wins: during verification, drain and load', async (t) => {
  const verifying = gate();
  const { device, slot } = setUp(t, {
    open: async ({ name }) => {
      if (name === 'slow') await verifying.opened;
      return fakePackage(name);
    },
  });
  await slot.aspire({ name: 'a' }, 'start');
  const slow = slot.aspire({ name: 'slow' }, 'twin');
  assert.equal(slot.aspire({ name: 'slow' }, 'rpc'), slow, 'an equal wish joins');
  const b = slot.aspire({ name: 'b' }, 'twin');
  verifying.open();
  assert.equal((await slow).result, 'superseded');
  assert.equal((await b).result, 'loaded');

  const handle = slot.acquire()!;
  const c = slot.aspire({ name: 'c' }, 'twin');
  await reached(slot, ({ state }) => state === 'UNLOADING');
  const stay = slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([(await c).result, (await stay).result], ['superseded', 'unchanged']);
  assert.equal(slot.current?.id.name, 'b', 'b never left');
  handle.release();

  device.onLoad = ({ id }, signal) =>
    id.name !== 'd'
      ? Promise.resolve()
      : new Promise((_, reject) => signal!.addEventListener('abort', () => reject(scoringError('CANCELLED'))));
  const d = slot.aspire({ name: 'd' }, 'twin');
  await reached(slot, ({ state }) => state === 'LOADING');
  const e = slot.aspire({ name: 'e' }, 'twin');
  assert.deepEqual([(await d).result, (await e).result], ['superseded', 'loaded']);
  assert.deepEqual(device.log, ['load a:1', 'unload a:1', 'load b:1', 'unload b:1', 'load e:1']);
});

test('a model that the device loses is loaded again', async (t) => {
  const { device, slot, states } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  for (const round of [1, 2, 3]) {
    const back = reached(slot, ({ state }) => state === 'AVAILABLE');
    device.lose();
    assert.equal(slot.current, undefined, `round ${round}`);
    await back;
    assert.equal(device.held, 'a:1');
  }
  assert.deepEqual(states.slice(2, 5), ['LOADING a DEVICE_LOST', 'LOADING a DEVICE_LOST', 'AVAILABLE a']);
  assert.equal(states[5], 'END a DEVICE_LOST', 'a second loss soon after the first waits');
});

test('what a call may hope for', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  assert.deepEqual(
    [{ name: 'a' }, { name: 'a', version: 1 }].map((one) => slot.mayServe(one)),
    [true, true],
  );
  assert.deepEqual(
    [{ name: 'b' }, { name: 'a', version: 7 }].map((one) => slot.mayServe(one)),
    [false, false],
  );
  const loading = gate();
  device.onLoad = () => loading.opened;
  const swap = slot.aspire({ name: 'b', version: 2 }, 'twin');
  await reached(slot, ({ state }) => state === 'LOADING');
  const names = ['a', 'b', 'c'].map((name) => slot.mayServe({ name }));
  assert.deepEqual(names, [true, true, false], 'the old one may come back');
  loading.open();
  await swap;
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => slot.mayServe({ name })),
    [false, true, false],
  );
});

test('close ends the open wish, waits for frames, empties the device; later wishes fail', async (t) => {
  const { device, slot } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const handle = slot.acquire()!;
  const closed = slot.close();
  await reached(slot, ({ state }) => state === 'UNLOADING');
  assert.equal(device.held, 'a:1');
  handle.release();
  await closed;
  await slot.close();
  assert.deepEqual([device.held, slot.state.state], [undefined, 'END']);
  const late = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([late.result, late.error?.code], ['failed', 'STOPPING']);
});
