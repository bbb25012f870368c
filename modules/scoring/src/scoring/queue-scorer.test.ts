import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { scoringError } from '../errors.js';
import { Slot } from '../slot/slot.js';
import { WARM_UP_PICTURE } from '../slot/warm-up-frames.js';
import { FakeDevice, fakePackage, gate } from '../testing/fake-device.js';
import { QueueScorer, type QueueScorerOptions } from './queue-scorer.js';
import type { ScoreRequest } from './scorer.js';

const IMAGE = { kind: 'images', images: [WARM_UP_PICTURE] } as const;

function setUp(t: TestContext, options: Partial<QueueScorerOptions> = {}, capacity = 1) {
  const device = new FakeDevice(capacity);
  const missing = new Set<string>();
  const slot = new Slot({
    device,
    open: async ({ name, version = 1 }) => {
      if (missing.has(name)) throw scoringError('MODEL_NOT_FOUND', name, '/models', 'nothing');
      return fakePackage(name, version);
    },
  });
  const scorer = new QueueScorer({ device, slot, ...options });
  t.after(() => {
    scorer.close();
    return slot.close(0);
  });
  const score = (more: Partial<ScoreRequest> = {}) =>
    scorer.score({ input: IMAGE, deadline: performance.now() + 60_000, ...more });
  return { device, slot, scorer, score, missing };
}

/** Frames stay in the device until the gate is opened; the warm-up passes. */
function hold(device: FakeDevice) {
  const held = gate();
  device.onScore = () => held.opened;
  return held;
}

test('a frame goes through with the model, its outputs and its times', async (t) => {
  const { slot, scorer, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const reply = await score();
  assert.deepEqual(reply.model.id, { name: 'a', version: 1 });
  assert.deepEqual([...reply.outputs[0]!.data], [0.25, 0.75]);
  assert.ok(reply.timings.total >= reply.timings.queue);
  assert.deepEqual(scorer.counters, {
    received: 1,
    scored: 1,
    replaced: 0,
    expired: 0,
    failed: {},
    waiting: 0,
    inFlight: 0,
  });
});

test('before the first model calls are refused at once; after a failed start with its reason', async (t) => {
  const { slot, score, missing } = setUp(t);
  missing.add('a');
  await assert.rejects(score(), { code: 'SLOT_NOT_AVAILABLE', message: /no model is START/ });
  const wish = slot.aspire({ name: 'a' }, 'start');
  await assert.rejects(score(), {
    code: 'SLOT_NOT_AVAILABLE',
    message: 'no model is available: a is START; try again shortly',
  });
  await wish;
  await assert.rejects(score(), {
    code: 'SLOT_FAILED',
    status: 'UNAVAILABLE',
    message: /^model a could not be loaded: model 'a' is not in/,
  });
});

test('the device gets as many frames as it takes; the rest waits, bounded', async (t) => {
  const { device, slot, scorer, score } = setUp(t, { queue: () => ({ maxCalls: 2 }) }, 2);
  await slot.aspire({ name: 'a' }, 'start');
  const held = hold(device);
  const calls = [1, 2, 3, 4].map(() => score());
  await assert.rejects(score(), { code: 'QUEUE_FULL' });
  assert.deepEqual([device.inFlight, scorer.counters.inFlight, scorer.counters.waiting], [2, 2, 2]);
  held.open();
  await Promise.all(calls);
  assert.deepEqual([scorer.counters.scored, scorer.counters.failed], [4, { QUEUE_FULL: 1 }]);
});

test('calls wait over a swap and are answered by the new model', async (t) => {
  const { device, slot, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const loading = gate();
  device.onLoad = () => loading.opened;
  const held = hold(device);
  const inside = score();
  const swap = slot.aspire({ name: 'b' }, 'twin');
  await new Promise((resolve) => setImmediate(resolve));
  const parked = score();
  const named = score({ model: { name: 'b', version: 1 } });
  const old = score({ model: { name: 'a' } });
  await assert.rejects(score({ model: { name: 'c' } }), { code: 'SERVABLE_NOT_FOUND' });
  held.open();
  assert.equal((await inside).model.id.name, 'a', 'what was in the device is finished by the old model');
  loading.open();
  await assert.rejects(old, { code: 'SERVABLE_NOT_FOUND', message: 'Servable not found for request: Latest(a)' });
  assert.deepEqual([(await parked).model.id.name, (await named).model.id.name], ['b', 'b']);
  assert.equal((await swap).result, 'loaded');
});

test('a call for the model that is being verified waits while others are served, and is refused when that fails', async (t) => {
  const { device, slot, score, missing } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  missing.add('b');
  const wish = slot.aspire({ name: 'b' }, 'twin');
  const early = assert.rejects(score({ model: { name: 'b' } }), { code: 'SERVABLE_NOT_FOUND' });
  assert.equal((await score()).model.id.name, 'a');
  assert.equal((await wish).result, 'failed');
  await early;
  assert.equal(device.held, 'a:1');
});

test('the serving model is told by the same rules, and nothing waits for a swap', async (t) => {
  const { device, slot, scorer } = setUp(t);
  const refused = (code: string, message: RegExp, name?: string) =>
    assert.throws(() => scorer.serving(name === undefined ? undefined : { name }), { code, message });
  refused('SLOT_NOT_AVAILABLE', /no model is START/);
  await slot.aspire({ name: 'a' }, 'start');
  assert.equal(scorer.serving().id.name, 'a');
  assert.equal(scorer.serving({ name: 'a', version: 1 }).id.name, 'a');
  refused('SERVABLE_NOT_FOUND', /Latest\(b\)/, 'b');
  const loading = gate();
  const begun = new Promise<void>((resolve) => {
    device.onLoad = () => {
      resolve();
      return loading.opened;
    };
  });
  const swap = slot.aspire({ name: 'b' }, 'twin');
  assert.equal(scorer.serving().id.name, 'a', 'the old one serves while the new one is verified');
  refused('SLOT_NOT_AVAILABLE', /: b is START;/, 'b');
  await begun;
  refused('SLOT_NOT_AVAILABLE', /: b:1 is LOADING;/);
  refused('SLOT_NOT_AVAILABLE', /: b:1 is LOADING;/, 'a');
  refused('SERVABLE_NOT_FOUND', /Latest\(c\)/, 'c');
  loading.open();
  await swap;
  assert.equal(scorer.serving().id.name, 'b');
  refused('SERVABLE_NOT_FOUND', /Latest\(a\)/, 'a');
  scorer.close();
  refused('STOPPING', /stopping/);
});

test('unknown names and versions have TensorFlow Serving’s texts', async (t) => {
  const { slot, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  await assert.rejects(score({ model: { name: 'x' } }), {
    status: 'NOT_FOUND',
    message: 'Servable not found for request: Latest(x)',
  });
  await assert.rejects(score({ model: { name: 'a', version: 7 } }), {
    message: 'Servable not found for request: Specific(a, 7)',
  });
  await score({ model: { name: 'a', version: 1 } });
});

test('a caller’s own fault is told at once, while the device is busy', async (t) => {
  const { device, slot, scorer, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const held = hold(device);
  const busy = score();
  const tensor = (shape: number[], length: number) =>
    score({ input: { kind: 'tensor', shape, data: new Float32Array(length) } });
  await assert.rejects(tensor([1, 300, 300, 3], 270_000), {
    code: 'INPUT_SHAPE',
    message: "unexpected shape for input 'images' for model 'a'. Expected [-1,224,224,3], got [1,300,300,3].",
  });
  await assert.rejects(tensor([2, 224, 224, 3], 224 * 224 * 3), { code: 'INPUT_SHAPE', message: /with 150528 values/ });
  await assert.rejects(tensor([224, 224, 3], 224 * 224 * 3), { code: 'INPUT_SHAPE' });
  await assert.rejects(score({ input: { kind: 'images', images: [Buffer.from('no')] } }), { code: 'IMAGE_FORMAT' });
  await assert.rejects(score({ input: { kind: 'images', images: [WARM_UP_PICTURE, Buffer.alloc(0)] } }), {
    code: 'IMAGE_EMPTY',
    message: /^images\[1\]/,
  });
  assert.equal(scorer.counters.inFlight, 1);
  held.open();
  await busy;
  await tensor([1, 224, 224, 3], 224 * 224 * 3);
});

test('deadlines, callers that leave, and replaced frames never reach the device', async (t) => {
  const { device, slot, scorer, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const held = hold(device);
  let reached = 0;
  device.onScore = () => {
    reached++;
    return held.opened;
  };
  const busy = score();
  const abort = new AbortController();
  const left = assert.rejects(score({ signal: abort.signal }), { code: 'CANCELLED', status: 'CANCELLED' });
  const late = assert.rejects(score({ deadline: performance.now() + 2 }), { code: 'DEADLINE' });
  const older = assert.rejects(score({ camera: 'belt-1' }), { code: 'FRAME_REPLACED', message: /camera belt-1/ });
  const newer = score({ camera: 'belt-1' });
  abort.abort();
  await Promise.all([left, late, older]);
  held.open();
  await Promise.all([busy, newer]);
  assert.equal(reached, 2);
  const { received, scored, replaced, expired, failed } = scorer.counters;
  assert.deepEqual([received, scored, replaced, expired, failed], [5, 2, 1, 1, { CANCELLED: 1 }]);
});

test('a frame that is lost with the model is refused, the next one is scored by the reloaded model', async (t) => {
  const { device, slot, scorer, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  device.onScore = async () => {
    device.onScore = async () => {};
    device.lose('worker died');
  };
  const lost = score();
  const waiting = score();
  await assert.rejects(lost, { code: 'DEVICE_LOST', status: 'UNAVAILABLE' });
  assert.equal((await waiting).model.id.name, 'a');
  assert.deepEqual(scorer.counters.failed, { DEVICE_LOST: 1 });
});

test('close refuses what waits and what comes, and answers what is in the device', async (t) => {
  const { device, slot, scorer, score } = setUp(t);
  await slot.aspire({ name: 'a' }, 'start');
  const held = hold(device);
  const inside = score();
  const waiting = assert.rejects(score(), { code: 'STOPPING', status: 'UNAVAILABLE' });
  scorer.close();
  await waiting;
  await assert.rejects(score(), { code: 'STOPPING' });
  held.open();
  assert.equal((await inside).model.id.name, 'a');
});
