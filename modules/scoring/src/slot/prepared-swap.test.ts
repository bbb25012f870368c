import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scoringError } from '../errors.js';
import type { ModelReference } from '../model/model-id.js';
import { fakePackage, gate, PreparingDevice } from '../testing/fake-device.js';
import { Slot, type SlotOptions } from './slot.js';
import type { SwapMemory } from './slot-state.js';

async function setUp(t: TestContext, options: Partial<SlotOptions> = {}, device = new PreparingDevice()) {
  const open = async ({ name, version = 1 }: ModelReference) => fakePackage(name, version);
  const settings = { drainTimeoutMs: 1000, memory: 'prepare' as SwapMemory };
  const slot = new Slot({ device, open, swap: () => settings, ...options });
  t.after(() => slot.close(0));
  await slot.aspire({ name: 'a' }, 'start');
  device.log.length = 0;
  return { device, slot, settings };
}

test('the new model is built and has answered before the old one goes', async (t) => {
  const { device, slot } = await setUp(t);
  const serving: (string | undefined)[] = [];
  const note = async () => {
    serving.push(slot.current?.id.name);
  };
  device.onPrepare = note;
  device.onTry = note;
  device.onLoad = () => assert.fail('built again');
  device.onScore = () => assert.fail('warmed up again');
  const { result, memory, durations } = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([result, memory], ['loaded', { mode: 'prepare' }]);
  assert.deepEqual(serving, ['a', 'a']);
  assert.deepEqual(device.log, ['prepare b:1', 'unload a:1', 'load b:1']);
  assert.deepEqual(Object.keys(durations), ['verify', 'prepare', 'warmup', 'drain', 'unload', 'load', 'blackout']);
});

/** As when a card that was unwell during the preparation takes the model after all. */
class ElsewhereDevice extends PreparingDevice {
  protected override bring(): Promise<void> {
    return Promise.resolve();
  }
}

test('a load that does not use what was prepared is warmed up itself', async (t) => {
  const { device, slot } = await setUp(t, {}, new ElsewhereDevice());
  let warmedUp: string | undefined;
  device.onScore = async () => {
    warmedUp = device.held;
  };
  assert.equal((await slot.aspire({ name: 'b' }, 'twin')).result, 'loaded');
  assert.equal(warmedUp, 'b:1');
  assert.equal(device.ready, undefined, 'what was not used is given up');
});

test('a model that cannot be built, or cannot answer, never disturbs the one that serves', async (t) => {
  const { device, slot } = await setUp(t);
  const states: string[] = [];
  slot.onState(({ state, error }) => states.push(`${state} ${error?.code}`));
  device.onPrepare = async () => {
    throw scoringError('PACKAGE_GRAPH', 'featurizer.onnx', 'graph', 'a graph', 'noise');
  };
  const unbuilt = await slot.aspire({ name: 'b' }, 'twin');
  device.onPrepare = async () => {};
  device.onTry = async () => {
    throw new Error('no kernel');
  };
  const mute = await slot.aspire({ name: 'c' }, 'twin');
  assert.deepEqual([unbuilt.result, unbuilt.error?.code], ['failed', 'PACKAGE_GRAPH']);
  assert.deepEqual([mute.result, mute.error?.code], ['failed', 'PACKAGE_GRAPH']);
  assert.match(mute.error!.text, /no kernel/);
  assert.deepEqual(states, ['AVAILABLE PACKAGE_GRAPH', 'AVAILABLE PACKAGE_GRAPH']);
  assert.deepEqual(device.log, ['prepare c:1', 'give up c:1']);
  assert.deepEqual([slot.current?.id.name, slot.lastFailure?.model], ['a', 'c:1']);
});

test('where there is no room, or the setting says so, the old model goes first, and the outcome says why', async (t) => {
  const { device, slot, settings } = await setUp(t);
  device.onPrepare = async () => {
    throw scoringError('SWAP_MEMORY', 'b:1', '400 MB', '300 MB');
  };
  const tight = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([tight.result, tight.memory?.mode], ['loaded', 'preserve']);
  assert.match(tight.memory!.text!, /takes about 400 MB .* 300 MB/);
  assert.ok(tight.durations.warmup !== undefined, 'it is warmed up after the load');
  settings.memory = 'preserve';
  device.onPrepare = () => assert.fail('was not to be prepared');
  const asked = await slot.aspire({ name: 'a' }, 'twin');
  assert.deepEqual([asked.result, asked.memory], ['loaded', { mode: 'preserve' }]);
});

test('what was prepared for a wish that is superseded is given up, whenever that comes', async (t) => {
  const { device, slot } = await setUp(t);
  const building = gate();
  const begun = gate();
  device.onPrepare = async ({ id }) => {
    if (id.name !== 'b') return;
    begun.open();
    await building.opened;
  };
  const b = slot.aspire({ name: 'b' }, 'twin');
  await begun.opened;
  const c = slot.aspire({ name: 'c' }, 'twin');
  building.open();
  assert.deepEqual([(await b).result, (await c).result], ['superseded', 'loaded']);

  const handle = slot.acquire()!;
  const d = slot.aspire({ name: 'd' }, 'twin');
  await new Promise<void>((resolve) => {
    slot.onState(({ state }) => state === 'UNLOADING' && resolve());
  });
  assert.equal(device.ready, 'd:1');
  const stay = slot.aspire({ name: 'c' }, 'twin');
  assert.deepEqual([(await d).result, (await stay).result], ['superseded', 'unchanged']);
  assert.equal(device.ready, undefined);
  handle.release();
  assert.deepEqual(device.log, ['prepare c:1', 'unload a:1', 'load c:1', 'prepare d:1', 'give up d:1']);
});

test('a model that is lost while the next one is built is not waited for', async (t) => {
  const { device, slot } = await setUp(t);
  device.onPrepare = async () => device.lose();
  const { result, from } = await slot.aspire({ name: 'b' }, 'twin');
  assert.deepEqual([result, from], ['loaded', 'a:1']);
  assert.deepEqual(device.log, ['lose a:1', 'prepare b:1', 'load b:1']);
  assert.equal(slot.state.error, undefined);
});

test('a stop while a model is being built ends the wish and leaves nothing', async (t) => {
  const { device, slot } = await setUp(t);
  const building = gate();
  const begun = gate();
  device.onPrepare = () => {
    begun.open();
    return building.opened;
  };
  const b = slot.aspire({ name: 'b' }, 'twin');
  await begun.opened;
  const closed = slot.close(0);
  building.open();
  await closed;
  assert.deepEqual([(await b).result, (await b).error?.code], ['failed', 'STOPPING']);
  assert.deepEqual([device.held, device.ready], [undefined, undefined]);
});
