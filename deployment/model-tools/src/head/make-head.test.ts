import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { COLOURS, renderFrame, sceneFrame } from '@edgeslot/camera/scene';
import { openPackage } from '@edgeslot/scoring/model';
import { writeCardPackage } from '@edgeslot/scoring/testing';
import { registerModel } from '../import/register-model.js';
import { OpenGraph } from '../onnx/run-graph.js';
import { listModels } from '../registry/list.js';
import { registerTiny } from '../testing/tiny-package.js';
import type { TaskProgress } from '../worker/progress.js';
import { makeHead } from './make-head.js';

const PER_CLASS = 6;
let modelsDir: string;
let images: string;

before(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-head-'));
  images = await mkdtemp(join(tmpdir(), 'edgeslot-pictures-'));
  await registerTiny(modelsDir, 'net');
  for (const colour of ['red', 'blue']) {
    assert.ok((COLOURS as readonly string[]).includes(colour));
    await mkdir(join(images, colour));
    for (let seed = 9000, made = 0; made < PER_CLASS; seed++) {
      if (sceneFrame(seed).colour !== colour) continue;
      await writeFile(join(images, colour, `${seed}.jpg`), await renderFrame(seed));
      made++;
    }
  }
  await writeFile(join(images, 'red', 'broken.jpg'), 'no picture');
});
after(async () => {
  await rm(modelsDir, { recursive: true });
  await rm(images, { recursive: true });
});

test('a head is a new version with a parent; the second time features are known and the bytes are the same', async () => {
  const steps: TaskProgress[] = [];
  const make = () => makeHead({ modelsDir, model: 'net:1', images, seed: 3, onProgress: (step) => steps.push(step) });
  const first = await make();
  assert.deepEqual([first.manifest.version, first.manifest.parent], [2, 'net:1']);
  assert.deepEqual([first.trained, first.heldOut, first.skipped.length], [8, 4, 1]);
  assert.equal(
    first.confusion.flat().reduce((sum, count) => sum + count, 0),
    4,
  );
  const cold = steps.filter(({ phase }) => phase === 'features').at(-1)!;
  assert.deepEqual([cold.done, cold.total, cold.cached], [13, 13, 0]);

  const second = await make();
  assert.equal(steps.filter(({ phase }) => phase === 'features').at(-1)!.cached, 12);
  const [one, two] = await Promise.all([2, 3].map((version) => openPackage(modelsDir, { name: 'net', version })));
  assert.deepEqual(one!.labels, ['blue', 'red']);
  assert.deepEqual(one!.manifest.files, two!.manifest.files);
  assert.equal(second.accuracy, first.accuracy);
  assert.deepEqual(one!.manifest.classifier!.outputs[0]!.shape, [-1, 2]);
  assert.deepEqual(
    await readFile(join(one!.directory, 'featurizer.onnx')),
    await readFile(join(modelsDir, 'net', '1', 'featurizer.onnx')),
  );
});

test('a head on a model for a card keeps what the card takes and gives, and the tail behind it', async () => {
  const source = await mkdtemp(join(tmpdir(), 'edgeslot-card-'));
  try {
    const path = await writeCardPackage(source);
    await registerModel({ modelsDir, path, name: 'boxed' });
    const { manifest } = await openPackage(modelsDir, { name: 'boxed', version: 1 });
    const head = await makeHead({ modelsDir, model: 'boxed', images });
    assert.equal(head.manifest.version, 2);
    assert.deepEqual(head.manifest.device, manifest.device);
    const { directory } = await openPackage(modelsDir, { name: 'boxed', version: 2 });
    const tail = await OpenGraph.open(join(directory, manifest.device!.tail!));
    const given = Float32Array.from({ length: 147 }, (_, index) => index % 3);
    assert.deepEqual([...(await tail.run(given, [1, 7, 7, 3]))], [0, 0.5, 8]);
    await tail.close();
  } finally {
    await rm(source, { recursive: true });
  }
});

test('pictures that do not do, and a stop, register nothing', async () => {
  const before = (await listModels(modelsDir)).length;
  const empty = join(images, 'red');
  await assert.rejects(
    makeHead({ modelsDir, model: 'net:1', images: empty }),
    /a folder for each of two or more classes/,
  );
  const both = await mkdtemp(join(tmpdir(), 'edgeslot-both-'));
  for (const name of ['a', 'b']) {
    await mkdir(join(both, name));
    await writeFile(join(both, name, '1.jpg'), 'same');
  }
  await assert.rejects(makeHead({ modelsDir, model: 'net:1', images: both }), /expected 2 or more different pictures/);
  await writeFile(join(both, 'a', '2.jpg'), 'other');
  await assert.rejects(makeHead({ modelsDir, model: 'net:1', images: both }), /are one picture in two classes/);
  await rm(both, { recursive: true });
  const controller = new AbortController();
  const stopped = makeHead({
    modelsDir,
    model: 'net:1',
    images,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('stopped by hand')),
  });
  await assert.rejects(stopped, /stopped by hand/);
  assert.equal((await listModels(modelsDir)).length, before);
  assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
});
