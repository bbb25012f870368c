import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { ScoringError } from '../errors.js';
import { openPackage } from '../model/open-package.js';
import { fakePackage } from '../testing/fake-device.js';
import { temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';
import { Emulator, type EmulatorOptions } from './emulator.js';

const picture = await sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
  .jpeg()
  .toBuffer();
const FRAME = { kind: 'images', images: [picture] } as const;
const ONE_LANE = { lanes: { lanes: 1, threads: 1 } } as const;

/** A worker that is ready at once and answers with the version of its model; a picture of one byte kills it. */
const WORKER = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.postMessage({ type: 'ready' });
    parentPort.on('message', ({ type, id, input }) => {
      if (type === 'stop' || input.images[0].length === 1) process.exit(0);
      const data = Float32Array.of(workerData.manifest.version);
      parentPort.postMessage({ type: 'scored', id, output: { outputs: [{ name: 'out', shape: [1, 1], data }] } });
    });
  `)}`,
);

function setUp(t: TestContext, options: EmulatorOptions = {}) {
  const emulator = new Emulator({ ...ONE_LANE, worker: WORKER, ...options });
  t.after(() => emulator.close());
  const versionOf = async (scorer: Pick<Emulator, 'score'>) => (await scorer.score(FRAME)).outputs[0]!.data[0];
  return { emulator, versionOf, model: (version: number) => fakePackage('m', version) };
}

const signal = () => new AbortController().signal;

test('a real model that was prepared answers before it is loaded, and after', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  await writeTinyPackage(base, { version: 2 });
  const [one, two] = await Promise.all([1, 2].map((version) => openPackage(base, { name: 'tiny', version })));
  const emulator = new Emulator(ONE_LANE);
  t.after(() => emulator.close());
  await emulator.load(one!);
  await emulator.prepare(two!, signal());
  const before = await emulator.prepared!.score(FRAME);
  await emulator.unload();
  await emulator.load(two!);
  assert.equal(emulator.prepared, undefined);
  assert.deepEqual((await emulator.score(FRAME)).outputs, before.outputs);
});

test('the loaded model serves while another is prepared; loading that only changes over', async (t) => {
  const { emulator, versionOf, model } = setUp(t);
  const [one, two] = [model(1), model(2)];
  await emulator.load(one);
  await emulator.prepare(two, signal());
  assert.deepEqual([await versionOf(emulator), await versionOf(emulator.prepared!)], [1, 2]);
  await assert.rejects(emulator.load(two), { code: 'DEVICE_BUSY' }, 'still one model');
  await emulator.unload();
  await assert.rejects(emulator.score(FRAME), { code: 'DEVICE_EMPTY' });
  const lanes = emulator.prepared;
  await emulator.load(two);
  assert.equal(await versionOf(emulator), 2);
  assert.equal(await versionOf(lanes!), 2, 'the very lanes that were prepared');
});

test('what is prepared is given up by its signal, by another load and by close, and its threads end', async (t) => {
  const { emulator, versionOf, model } = setUp(t);
  const gone = async (lanes: Pick<Emulator, 'score'>) =>
    assert.rejects(lanes.score(FRAME), (error: Error) => error instanceof ScoringError);
  await emulator.load(model(1));
  const abort = new AbortController();
  await emulator.prepare(model(2), abort.signal);
  const first = emulator.prepared!;
  abort.abort();
  assert.equal(emulator.prepared, undefined);
  await gone(first);

  await emulator.prepare(model(3), signal());
  const second = emulator.prepared!;
  await emulator.unload();
  await emulator.load(model(4));
  await gone(second);
  assert.equal(await versionOf(emulator), 4);

  await emulator.prepare(model(5), signal());
  const third = emulator.prepared!;
  await emulator.close();
  await gone(third);
});

test('a preparation that is aborted on its way fails, and the next one is not disturbed', async (t) => {
  const { emulator, versionOf, model } = setUp(t);
  await emulator.load(model(1));
  const abort = new AbortController();
  const two = emulator.prepare(model(2), abort.signal);
  await Promise.resolve();
  abort.abort();
  await assert.rejects(two, { code: 'CANCELLED' });
  await assert.rejects(emulator.prepare(model(2), AbortSignal.abort()), { code: 'CANCELLED' });
  await emulator.prepare(model(3), signal());
  assert.equal(await versionOf(emulator.prepared!), 3);
});

test('lanes that die while they wait are built anew by the load', async (t) => {
  const { emulator, versionOf, model } = setUp(t);
  const two = model(2);
  emulator.onLost((error) => assert.fail(`the loaded model was not lost: ${error.message}`));
  await emulator.load(model(1));
  await emulator.prepare(two, signal());
  await assert.rejects(emulator.prepared!.score({ kind: 'images', images: [new Uint8Array(1)] }));
  await emulator.unload();
  await emulator.load(two);
  assert.equal(await versionOf(emulator), 2);
});

test('other lanes that were chosen meanwhile are what is loaded', async (t) => {
  const { emulator, model } = setUp(t);
  const two = model(2);
  await emulator.load(model(1));
  await emulator.prepare(two, signal());
  emulator.laneControl.choose({ lanes: 2, threads: 1 });
  await emulator.unload();
  await emulator.load(two);
  assert.equal(emulator.capacity, 2);
  assert.equal(emulator.laneControl.outdated, false);
});

test('without room beside the loaded model nothing is prepared', async (t) => {
  let free = 2 ** 40;
  const { emulator, versionOf, model } = setUp(t, { freeBytes: () => free });
  await emulator.load(model(1));
  free = 2 ** 20;
  await assert.rejects(emulator.prepare(model(2), signal()), { code: 'SWAP_MEMORY', message: /^m:2 is not built/ });
  assert.equal(await versionOf(emulator), 1);
});

test('after many swaps, and once released, no thread of an earlier model is left', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const { emulator, model } = setUp(t);
  const threads = async () => (await readdir('/proc/self/task')).length;
  await emulator.load(model(1));
  await emulator.release();
  const before = await threads();
  for (let version = 2; version < 6; version++) {
    const next = model(version);
    await emulator.prepare(next, signal());
    await emulator.unload();
    await emulator.load(next);
  }
  await emulator.release();
  assert.equal(await threads(), before);
});
