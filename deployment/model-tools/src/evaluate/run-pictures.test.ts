import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { openPackage } from '@edgeslot/scoring/model';
import { registerTiny } from '../testing/tiny-package.js';
import { findPictures } from './find-pictures.js';
import { runPictures } from './run-pictures.js';

test('each picture runs through all packages; one that is none is a failure and the others go on', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-run-'));
  t.after(() => rm(base, { recursive: true }));
  const [modelsDir, images] = [join(base, 'models'), join(base, 'images')];
  await registerTiny(modelsDir, 'net');
  await mkdir(join(images, 'deep'), { recursive: true });
  await writeFile(join(images, 'b.jpg'), 'no picture');
  await writeFile(join(images, 'a.JPG'), await renderFrame(1));
  await writeFile(join(images, 'deep', 'c.jpeg'), await renderFrame(2));
  await writeFile(join(images, 'notes.txt'), 'no picture by its name');
  const files = await findPictures(images);
  assert.deepEqual(files, [join(images, 'a.JPG'), join(images, 'b.jpg'), join(images, 'deep', 'c.jpeg')]);

  const model = await openPackage(modelsDir, { name: 'net' });
  const runs = [];
  for await (const run of runPictures({ packages: [model, model], files })) runs.push(run);
  const [one, bad, two] = runs;
  assert.ok(one && 'results' in one && two && 'results' in two);
  assert.deepEqual(one.results[0]!.outputs, one.results[1]!.outputs);
  assert.notDeepEqual(one.results[0]!.outputs[0]!.data, two.results[0]!.outputs[0]!.data);
  assert.ok(one.results[0]!.timings.featurize > 0);
  assert.ok(bad && 'reason' in bad);
  assert.match(bad.reason, /image/i);
});

test('a folder without pictures, or none at all, is said', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-find-'));
  t.after(() => rm(base, { recursive: true }));
  await assert.rejects(findPictures(base), /expected pictures \(JPEG, PNG or GIF\), found none/);
  await assert.rejects(findPictures(join(base, 'nowhere')), /expected a folder of pictures \(ENOENT\)/);
});

test('an aborted run ends with the reason', async () => {
  const signal = AbortSignal.abort(new Error('stop'));
  await assert.rejects(runPictures({ packages: [], files: ['x'], signal }).next(), /stop/);
});
