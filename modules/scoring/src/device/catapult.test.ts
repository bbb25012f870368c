import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { DeviceError } from '@edgeslot/native';
import sharp from 'sharp';
import { openPackage } from '../model/open-package.js';
import type { Package } from '../model/package.js';
import { writeCardPackage } from '../testing/card-package.js';
import { FakeNode, TOKEN } from '../testing/fake-card.js';
import { Catapult, type CatapultOptions } from './catapult.js';
import { Emulator } from './emulator.js';

/** A lane's worker that loads nothing: enough where no frame is scored. */
const READY = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads';
    parentPort.postMessage({ type: 'ready' });
    parentPort.on('message', ({ type }) => type === 'stop' && process.exit(0));
  `)}`,
);
const LANE = { worker: new URL('./card-lane.fixture.js', import.meta.url) };
let base: string;
let model: Package;
let image: Uint8Array;

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'edgeslot-catapult-'));
  await writeCardPackage(base);
  model = await openPackage(base, { name: 'tiny' });
  const background = { r: 20, g: 90, b: 200 };
  image = await sharp({ create: { width: 90, height: 60, channels: 3, background } })
    .jpeg()
    .toBuffer();
});
after(() => rm(base, { recursive: true, force: true }));

function setUp(t: TestContext, options: Partial<CatapultOptions> = { worker: READY }) {
  const node = new FakeNode();
  let epoch = 6;
  const card = new Catapult({
    kind: 'virtual-card',
    path: '/dev/catapult7',
    sysfs: '/sys/class/catapult/catapult7',
    epoch: () => ++epoch,
    open: node.open,
    healthIntervalMs: 5,
    stillBusyMs: 0,
    ...options,
  });
  t.after(() => card.close());
  const lost: string[] = [];
  card.onLost((error) => lost.push(error.message));
  return { card, node, lost, frame: { kind: 'images', images: [image] } as const };
}

test('the card computes the features, the lane the rest: as the emulator answers', async (t) => {
  const { card, node, frame } = setUp(t, LANE);
  const emulator = new Emulator({ lanes: { lanes: 1, threads: 1 } });
  t.after(() => emulator.close());
  await Promise.all([card.load(model), emulator.load(model)]);
  const batch = { kind: 'images', images: [image, image, image] } as const;
  const [one, three, expected] = await Promise.all([card.score(frame), card.score(batch), emulator.score(batch)]);
  assert.deepEqual(three.outputs[0]!.shape, [3, 3]);
  for (const [at, value] of expected.outputs[0]!.data.entries()) {
    assert.ok(Math.abs(three.outputs[0]!.data[at]! - value) < 1e-4, `${three.outputs[0]!.data[at]} and ${value}`);
  }
  assert.deepEqual(one.outputs[0]!.data, three.outputs[0]!.data.subarray(0, 3));
  assert.equal(node.network?.input.border, 3);
  await assert.rejects(card.load(model), { code: 'DEVICE_BUSY' });
  const { kind, description, card: report } = card.info;
  assert.deepEqual([kind, card.capacity], ['virtual-card', 2]);
  assert.match(description, /no hardware/);
  assert.deepEqual([report?.modelled?.loadMs, report?.temperature, report?.staleAnswers], [66.5, 41, 3]);
  await card.unload();
  await assert.rejects(card.score(frame), { code: 'DEVICE_EMPTY' });
  await card.load(model);
  assert.deepEqual(node.log, ['open 7', 'load', 'unload', 'load'], 'one handle for both');
});

test('two pictures are with the card at once, of two calls and of one', async (t) => {
  const { card, node, frame } = setUp(t, LANE);
  node.token = TOKEN.pairs;
  await card.load(model);
  const [one, other] = await Promise.all([card.score(frame), card.score(frame)]);
  assert.deepEqual(one.outputs, other.outputs);
  const batch = await card.score({ kind: 'images', images: [image, image, image, image] });
  assert.deepEqual(batch.outputs[0]!.data.subarray(9), one.outputs[0]!.data);
});

test('a picture that is none is the caller’s fault and costs the card nothing', async (t) => {
  const { card, node, frame, lost } = setUp(t, LANE);
  await card.load(model);
  const bad = { kind: 'images', images: [image, Buffer.from('no picture')] } as const;
  await assert.rejects(card.score(bad), { code: 'IMAGE_FORMAT', message: /images\[1\]/ });
  await card.score(frame);
  assert.deepEqual(lost, []);
  assert.deepEqual(node.log, ['open 7', 'load']);
});

test('a run that times out loses the model once; the next load resets the card first', async (t) => {
  const { card, node, frame, lost } = setUp(t, LANE);
  node.token = TOKEN.timeout;
  await card.load(model);
  const frames = await Promise.allSettled([card.score(frame), card.score(frame)]);
  for (const one of frames) {
    assert.equal(one.status === 'rejected' && one.reason.code, 'DEVICE_LOST');
  }
  assert.equal(lost.length, 1);
  assert.match(lost[0]!, /\/dev\/catapult7: TIMEOUT: no answer/);
  await assert.rejects(card.score(frame), { code: 'DEVICE_EMPTY' });
  await card.load(model);
  assert.deepEqual(node.log, ['open 7', 'load', 'reset', 'load']);
  assert.deepEqual([card.report.failures, card.report.resets], [1, 1]);
});

test('a card that cannot be reset is opened anew, with a new epoch', async (t) => {
  const { card, node } = setUp(t);
  node.failures.load = ['FAULT'];
  await assert.rejects(card.load(model), { code: 'DEVICE_LOST', message: /FAULT/ });
  node.failures.reset = ['LOST'];
  await card.load(model);
  assert.deepEqual(node.log, ['open 7', 'load', 'reset', 'close', 'open 8', 'load']);
});

test('why a card is not taken: held by another, unwell, or too small for the network', async (t) => {
  const { card, node } = setUp(t);
  node.failures.open = ['BUSY'];
  await assert.rejects(card.load(model), { code: 'DEVICE_REFUSED', message: /\/dev\/catapult7 cannot be used: BUSY/ });
  node.health = { ...node.health, severity: 'transient', text: 'too hot' };
  await assert.rejects(card.tryOut(), { code: 'DEVICE_REFUSED', message: /too hot/ });
  assert.equal(node.isOpen, false);
  node.health = { ...node.health, severity: 'warning', text: 'warm' };
  node.failures.load = ['INCOMPATIBLE'];
  await assert.rejects(card.load(model), {
    code: 'DEVICE_UNSUITABLE',
    message: /tiny:1 cannot run on a Catapult card/,
  });
  assert.equal(card.report.failures, 1, 'a package that does not fit is no failure of the card');
  await card.load(model);
});

test('a last owner that is on its way out is waited for', async (t) => {
  const { card, node } = setUp(t, { stillBusyMs: 60_000, worker: READY });
  node.failures.open = ['BUSY'];
  await card.load(model);
  assert.deepEqual(node.log, ['open 7', 'open 7', 'load']);
});

test('a card that falls ill between two frames loses its model then', async (t) => {
  const { card, node, lost } = setUp(t);
  await card.load(model);
  node.health = { ...node.health, severity: 'unknown', text: 'registers read all ones' };
  while (lost.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(lost[0]!, /all ones/);
});

test('a card whose health cannot be asked for is not well, and reporting it fails nobody', async (t) => {
  const { card, node, lost } = setUp(t);
  await card.load(model);
  node.askHealth = () => {
    throw new DeviceError('LOST', 'health: the library says LOST');
  };
  assert.deepEqual(card.info.card?.health, { ok: false, text: 'health: the library says LOST' });
  assert.equal((await card.health()).ok, false);
  while (lost.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.match(lost[0]!, /the library says LOST/);
  await assert.rejects(card.tryOut(), { code: 'DEVICE_REFUSED', message: /the library says LOST/ });
});

test('what was prepared on the open card is used by the load, and discarded by another', async (t) => {
  const { card, node } = setUp(t);
  await card.prepare(model, new AbortController().signal);
  assert.deepEqual(node.log, [], 'preparing opens nothing');
  await card.load(model);
  const again: Package = { ...model };
  await card.prepare(again, new AbortController().signal);
  await card.unload();
  await card.load(again);
  await card.release();
  assert.deepEqual(node.log, ['open 7', 'load', 'unload', 'load', 'unload', 'close']);
  await card.load(model);
  assert.equal(node.log.at(-2), 'open 8');
});

test('a load that is given up leaves the card empty and usable', async (t) => {
  const { card, node } = setUp(t);
  let go = () => {};
  node.loading = new Promise((resolve) => {
    go = resolve;
  });
  const abort = new AbortController();
  const loading = card.load(model, abort.signal);
  while (!node.log.includes('load')) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await assert.rejects(loading, { code: 'CANCELLED' });
  go();
  await card.load(model);
  assert.equal(node.network?.output.name, 'pool');
});
