import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { openPackage } from '../model/open-package.js';
import { preprocessImage } from '../preprocess/preprocess-image.js';
import { FEATURES, tinyFeaturizer } from '../testing/tiny-onnx.js';
import { RECIPE, type TinyPackage, temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';
import { Emulator, type EmulatorOptions } from './emulator.js';

const ONE_LANE = { lanes: { lanes: 1, threads: 1 } } as const;
const WEIGHTS = [0.011, -0.02, 0.003, 0.004, 0.05, -0.006, -0.017, 0.008, 0.019];

async function setUp(t: TestContext, files: TinyPackage = {}, options: EmulatorOptions = ONE_LANE) {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base, { weights: WEIGHTS, ...files });
  const emulator = new Emulator(options);
  t.after(() => emulator.close());
  return { emulator, model: await openPackage(base, { name: 'tiny' }) };
}

function jpeg(red: number, green: number, blue: number): Promise<Buffer> {
  const background = { r: red, g: green, b: blue };
  return sharp({ create: { width: 90, height: 60, channels: 3, background } })
    .jpeg()
    .toBuffer();
}

/** What the tiny network computes, plainly. */
function expectedScores(tensor: Float32Array): number[] {
  const means = [0, 0, 0];
  for (let i = 0; i < tensor.length; i++) means[i % 3]! += tensor[i]! / (tensor.length / 3);
  const logits = [0, 1, 2].map((k) => [0, 1, 2].reduce((sum, c) => sum + means[c]! * WEIGHTS[c * 3 + k]!, 0));
  const powers = logits.map(Math.exp);
  return powers.map((one) => one / powers.reduce((a, b) => a + b));
}

function close(found: Float32Array, expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(found[i]! - value) < 1e-4, `${found[i]} and ${value}`);
}

test('bytes in, probabilities out: decode, sample, featurizer, classifier', async (t) => {
  const { emulator, model } = await setUp(t);
  await emulator.load(model);
  const images = [await jpeg(250, 10, 20), await jpeg(0, 200, 30), await jpeg(1, 2, 3)];
  const before = images.map((image) => Buffer.from(image));
  const { outputs, timings } = await emulator.score({ kind: 'images', images });
  assert.deepEqual(images, before, 'the caller keeps its bytes');
  const tensors = await Promise.all(images.map(async (image) => (await preprocessImage(image, RECIPE)).tensor));
  assert.deepEqual(outputs[0]!.shape, [3, 3]);
  close(outputs[0]!.data, tensors.flatMap(expectedScores));
  assert.ok(Object.values(timings).every((one) => one >= 0));

  const data = new Float32Array(tensors.flatMap((one) => [...one]));
  const asTensor = await emulator.score({ kind: 'tensor', shape: [3, 224, 224, 3], data });
  assert.deepEqual(asTensor.outputs[0], outputs[0]);
  const none = await emulator.score({ kind: 'images', images: [] });
  assert.deepEqual(none.outputs[0]!.shape, [0, 3]);
});

test('one bad picture fails the whole batch and says which one; the lane goes on', async (t) => {
  const { emulator, model } = await setUp(t);
  await emulator.load(model);
  const good = await jpeg(1, 2, 3);
  const bad = emulator.score({ kind: 'images', images: [good, Buffer.from('nonsense')] });
  const after = emulator.score({ kind: 'images', images: [good] });
  await assert.rejects(bad, { name: 'ScoringError', code: 'IMAGE_FORMAT', message: /^images\[1\]: Unknown image/ });
  assert.equal((await after).outputs[0]!.data.length, 3);
});

test('the device holds one model, and none after unload', async (t) => {
  const { emulator, model } = await setUp(t);
  const image = { kind: 'images', images: [await jpeg(1, 2, 3)] } as const;
  await assert.rejects(emulator.score(image), { code: 'DEVICE_EMPTY' });
  const loading = emulator.load(model);
  await assert.rejects(emulator.load(model), { code: 'DEVICE_BUSY', message: /holds tiny:1/ });
  await loading;
  await assert.rejects(emulator.load(model), { code: 'DEVICE_BUSY' });
  await emulator.unload();
  await emulator.unload();
  await assert.rejects(emulator.score(image), { code: 'DEVICE_EMPTY' });
  await emulator.load(model);
  await emulator.score(image);
});

test('a load can be aborted, by its signal and by unload', async (t) => {
  const { emulator, model } = await setUp(t);
  await assert.rejects(emulator.load(model, AbortSignal.abort()), { code: 'CANCELLED' });
  const loading = assert.rejects(emulator.load(model), { code: 'CANCELLED' });
  await emulator.unload();
  await loading;
  await emulator.load(model);
});

test('a graph that was replaced after the package was opened is refused with file, field and value', async (t) => {
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('not a graph'), /featurizer\.onnx: graph: expected an ONNX graph/],
    [tinyFeaturizer(300), /featurizer\.onnx: shape of InputImage:0: expected \[-1,224,224,3\], found \[.*,300,300,3\]/],
    [tinyFeaturizer(224, 'pool'), new RegExp(`featurizer\\.onnx: outputs name: expected ${FEATURES}, found pool`)],
  ];
  for (const [graph, message] of cases) {
    const { emulator, model } = await setUp(t);
    await writeFile(join(model.directory, 'featurizer.onnx'), graph);
    await assert.rejects(emulator.load(model), { name: 'ScoringError', code: 'PACKAGE_GRAPH', message });
  }
});

test('several lanes: all work, one bad load stops all', async (t) => {
  const lanes = { lanes: { lanes: 2, threads: 1 } };
  const { emulator, model } = await setUp(t, {}, lanes);
  assert.match(
    emulator.info.description,
    /^onnxruntime \d+\.\d+\.\d+, 2 lanes of 1 thread, (native|JavaScript) sampler$/,
  );
  await emulator.load(model);
  const image = { kind: 'images', images: [await jpeg(9, 99, 199)] } as const;
  const all = await Promise.all([1, 2, 3, 4].map(() => emulator.score(image)));
  for (const one of all) assert.deepEqual(one.outputs, all[0]!.outputs);
  const fifth = Promise.allSettled([1, 2, 3, 4, 5].map(() => emulator.score(image)));
  assert.equal((await fifth)[4]!.status, 'rejected', 'what is in the device is bounded');

  const broken = await setUp(t, {}, lanes);
  await writeFile(join(broken.model.directory, 'classifier.onnx'), Buffer.alloc(9));
  await assert.rejects(broken.emulator.load(broken.model), { code: 'PACKAGE_GRAPH', message: /classifier\.onnx/ });
});

/** A worker that loads, and dies of its first frame. */
const MORTAL = script(`
  parentPort.postMessage({ type: 'ready' });
  parentPort.on('message', ({ type }) => {
    if (type === 'stop') process.exit(0);
    throw new Error('struck down');
  });
`);
const SILENT = script('setInterval(() => {}, 1000);');
const MUTE = script(`
  parentPort.postMessage({ type: 'ready' });
  parentPort.on('message', ({ type }) => type === 'stop' && process.exit(0));
`);
const STILLBORN = script('process.exit(3);');

function script(body: string): URL {
  return new URL(`data:text/javascript,import { parentPort } from 'node:worker_threads';${encodeURIComponent(body)}`);
}

test('a lane that dies rejects what is in flight, and the loss of the model is told once', async (t) => {
  const lanes = { lanes: 2, threads: 1 };
  const { emulator, model } = await setUp(t, {}, { lanes, worker: MORTAL });
  const losses: string[] = [];
  const lost = new Promise<void>((resolve) => {
    emulator.onLost((error) => {
      losses.push(error.message);
      resolve();
    });
  });
  await emulator.load(model);
  const image = { kind: 'images', images: [Buffer.from('x')] } as const;
  await assert.rejects(emulator.score(image), { code: 'DEVICE_LOST', status: 'UNAVAILABLE', message: /struck down/ });
  await lost;
  await assert.rejects(emulator.score(image), { code: 'DEVICE_EMPTY' });
  await emulator.load(model);
  await emulator.unload();
  assert.equal(losses.length, 1, 'an unload is no loss');
});

test('a lane that does not answer a frame in time is lost, and its thread ended', async (t) => {
  const { emulator, model } = await setUp(t, {}, { ...ONE_LANE, worker: MUTE, pictureTimeoutMs: 10 });
  const lost = new Promise<Error>((resolve) => emulator.onLost(resolve));
  await emulator.load(model);
  const frames = [1, 2].map((count) => {
    const images = Array.from({ length: count }, () => Buffer.from('x'));
    return assert.rejects(emulator.score({ kind: 'images', images }), { code: 'DEVICE_LOST', message: /within 10 ms/ });
  });
  await Promise.all(frames);
  assert.match((await lost).message, /within 10 ms/);
  await emulator.load(model);
});

test('a worker that never answers or ends at once fails the load', async (t) => {
  const silent = await setUp(t, {}, { ...ONE_LANE, worker: SILENT, loadTimeoutMs: () => 20, stopTimeoutMs: 20 });
  await assert.rejects(silent.emulator.load(silent.model), { code: 'DEVICE_LOST', message: /more than 20 ms/ });
  const stillborn = await setUp(t, {}, { ...ONE_LANE, worker: STILLBORN });
  await assert.rejects(stillborn.emulator.load(stillborn.model), { code: 'DEVICE_LOST', message: /ended with code 3/ });
});

test('health names the model', async (t) => {
  const { emulator, model } = await setUp(t);
  assert.match((await emulator.health()).text, /holds no model/);
  await emulator.load(model);
  assert.match((await emulator.health()).text, /holds tiny:1/);
});
