import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { openPackage, type Package } from '@edgeslot/scoring/model';
import { makeMsFp } from '../ms-fp/make-ms-fp.js';
import { registerTiny } from '../testing/tiny-package.js';
import type { TaskProgress } from '../worker/progress.js';
import { whyIncomparable } from './comparable.js';
import { compareModels } from './compare-models.js';

let modelsDir: string;
let images: string;
before(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-compare-'));
  images = await mkdtemp(join(tmpdir(), 'edgeslot-compared-'));
  await registerTiny(modelsDir, 'net');
  await makeMsFp({ modelsDir, model: 'net:1', format: 'ms-fp8' });
  for (const seed of [1, 2, 3]) await writeFile(join(images, `${seed}.jpg`), await renderFrame(seed));
  await writeFile(join(images, 'broken.jpg'), 'no picture');
});
after(async () => {
  await rm(modelsDir, { recursive: true });
  await rm(images, { recursive: true });
});

test('a model agrees with itself to the last bit, and differs from its version in the coarsest numbers', async () => {
  const steps: TaskProgress[] = [];
  const same = await compareModels({
    modelsDir,
    a: 'net:1',
    b: 'net:1',
    images,
    onProgress: (step) => steps.push(step),
  });
  assert.deepEqual([same.pictures, same.report.answers, same.report.agreement], [3, 3, 1]);
  assert.deepEqual(same.report.difference, { mean: 0, largest: 0, file: null });
  assert.deepEqual(
    same.failed.map(({ file }) => file),
    [join(images, 'broken.jpg')],
  );
  assert.deepEqual(steps.at(-1), { phase: 'pictures', done: 4, total: 4, cached: 0 });

  const coarse = await compareModels({ modelsDir, a: 'net:1', b: 'net:2', images });
  assert.deepEqual([coarse.a.id, coarse.b.numericsDetail?.format], ['net:1', 'ms-fp8']);
  assert.ok(coarse.report.difference.largest > 1e-4, String(coarse.report.difference.largest));
});

test('models of other labels, shapes or kinds are told apart by what differs', async () => {
  const net = await openPackage(modelsDir, { name: 'net', version: 1 });
  const other = (labels: readonly string[], manifest: Partial<Package['manifest']> = {}): Package => ({
    ...net,
    id: { name: 'other', version: 1 },
    labels,
    manifest: { ...net.manifest, ...manifest },
  });
  const [first, ...rest] = net.labels;
  assert.equal(whyIncomparable(net, other(net.labels)), undefined);
  assert.match(whyIncomparable(net, other(rest))!, /net:1 has 3 labels, other:1 2/);
  assert.match(
    whyIncomparable(net, other(['x', ...rest]))!,
    new RegExp(`label 1 of net:1 is "${first}", of other:1 "x"`),
  );
  const ssd = { postprocessing: { type: 'ssd', labels: 'labels.txt' } } as const;
  assert.match(whyIncomparable(net, other(net.labels, ssd))!, /other:1 is a detector, net:1 a classifier/);
  const wide = { ...net.manifest.classifier!, outputs: [{ name: 'y', shape: [-1, 1, 3] }] };
  assert.match(
    whyIncomparable(net, other(net.labels, { classifier: wide }))!,
    /net:1 answers \[-1,3\], other:1 \[-1,1,3\]/,
  );
});

test('what cannot be compared, or not at all, is refused', async () => {
  await assert.rejects(compareModels({ modelsDir, a: 'net:1', b: 'nowhere', images }), /nowhere/);
  await assert.rejects(compareModels({ modelsDir, a: 'net:1', b: 'net:1', images: modelsDir }), RangeError);
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(compareModels({ modelsDir, a: 'net:1', b: 'net:2', images, signal }), /enough/);
});
