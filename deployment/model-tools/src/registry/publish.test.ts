import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPackage } from '@edgeslot/scoring/model';
import { linearClassifier } from '../networks/classifier.js';
import { modelBytes } from '../onnx/write-model.js';
import { listModels, showModel } from './list.js';
import { PROCESS_HOME } from './process-home.js';
import { type PackageDraft, publishPackage } from './publish.js';
import { openRegistry, openStaging, removeStaging, stagingOwner } from './staging.js';

let base: string;
const INPUT = { name: 'in:0', shape: [-1, 8, 8, 3] };
const FEATURES = { name: 'features:0', shape: [-1, 2800] };
const SCORES = { name: 'scores:0', shape: [-1, 2] };

const draft = (name: string): PackageDraft => ({
  name,
  description: 'A test',
  tags: { for: 'test' },
  network: 'test',
  numerics: 'float32',
  signature: {
    inputs: { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } },
    outputs: { output_alias: { tensor: SCORES.name, dtype: 'float', shape: SCORES.shape } },
  },
  preprocessing: {
    resize: { mode: 'stretch', height: 8, width: 8 },
    interpolation: 'bilinear-legacy',
    channels: 'RGB',
    mean: [0, 0, 0],
    scale: 1,
    layout: 'NHWC',
  },
  postprocessing: { type: 'logits', labels: 'labels.txt' },
  featurizer: { file: 'featurizer.onnx', input: INPUT, outputs: [FEATURES] },
  classifier: { file: 'classifier.onnx', input: FEATURES, outputs: [SCORES] },
});

/** 192 × 2800 weights: more than 2 MiB, which is worth sharing. */
const featurizer = (weight: number) => layer(INPUT, FEATURES, 192, weight);
const CLASSIFIER = layer({ ...FEATURES, name: 'features:0' }, SCORES, 2800, 1);

function layer(
  input: { name: string; shape: number[] },
  output: typeof FEATURES,
  from: number,
  weight: number,
): Buffer {
  const to = output.shape[1]!;
  const flat = { name: input.name, shape: input.shape.length > 2 ? [-1, from] : input.shape };
  const weights = new Float32Array(from * to).fill(weight);
  const graph = linearClassifier('logits', { input: flat, output: output.name, weights, bias: new Float32Array(to) });
  const inputs = [{ name: input.name, shape: input.shape.map((size) => (size === -1 ? 'N' : size)) }];
  return modelBytes({ ...graph, inputs });
}

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'edgeslot-registry-'));
});
after(async () => {
  await rm(base, { recursive: true });
});

async function stage(modelsDir: string, weights: Buffer = featurizer(7)): Promise<string> {
  const staging = await openStaging(modelsDir, stagingOwner());
  await writeFile(join(staging, 'featurizer.onnx'), weights);
  await writeFile(join(staging, 'classifier.onnx'), CLASSIFIER);
  await writeFile(join(staging, 'labels.txt'), 'yes\nno\n');
  return staging;
}

test('versions count up, packages open, the index lists them, identical large files are one', async () => {
  const dir = join(base, 'versions');
  for (const name of ['first', 'second', 'first']) await publishPackage(dir, await stage(dir), draft(name));
  assert.deepEqual(
    (await listModels(dir)).map(({ id, fault }) => [id, fault]),
    [
      ['first:1', undefined],
      ['first:2', undefined],
      ['second:1', undefined],
    ],
  );
  const opened = await openPackage(dir, { name: 'first' });
  assert.deepEqual([opened.id.version, opened.labels], [2, ['yes', 'no']]);
  const inodes = await Promise.all(
    ['first/1', 'first/2', 'second/1'].map(async (id) => (await stat(join(dir, id, 'featurizer.onnx'))).ino),
  );
  assert.equal(new Set(inodes).size, 1);
  const index = JSON.parse(await readFile(join(dir, 'index.json'), 'utf8'));
  assert.deepEqual(
    index.models.map((model: { id: string }) => model.id),
    ['first:1', 'first:2', 'second:1'],
  );
  assert.deepEqual(await readdir(join(dir, '.staging')), []);
});

test('a damaged file of the registry is not shared', async () => {
  const dir = join(base, 'damaged');
  await publishPackage(dir, await stage(dir), draft('first'));
  const damaged = featurizer(7);
  damaged[99_999] = 8;
  await writeFile(join(dir, 'first/1/featurizer.onnx'), damaged);
  await publishPackage(dir, await stage(dir), draft('second'));
  await assert.rejects(openPackage(dir, { name: 'first' }), { code: 'PACKAGE_DIGEST' });
  await openPackage(dir, { name: 'second' });
});

test('writers at the same time get a version each and leave a whole index', async () => {
  const dir = join(base, 'crowd');
  const writers = Array.from({ length: 8 }, async (_, index) =>
    publishPackage(dir, await stage(dir, featurizer(index)), draft('crowd')),
  );
  const versions = (await Promise.all(writers)).map(({ version }) => version);
  assert.deepEqual(
    versions.sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  for (const version of versions) await openPackage(dir, { name: 'crowd', version });
  assert.equal(JSON.parse(await readFile(join(dir, 'index.json'), 'utf8')).models.length, 8);
});

test('a draft that is no manifest is refused and nothing is published', async () => {
  const dir = join(base, 'refused');
  await assert.rejects(publishPackage(dir, await stage(dir), { ...draft('x'), network: '' }), {
    code: 'PACKAGE_MANIFEST',
  });
  assert.deepEqual(await listModels(dir), []);
});

test('leftovers of dead processes and of an owner are removed; others, and young ones of elsewhere, stay', async () => {
  const dir = join(base, 'leftovers');
  const mine = stagingOwner();
  const other = await openStaging(dir, stagingOwner());
  await openStaging(dir, mine);
  // Above the largest process id that Linux and macOS give.
  const [dead, elsewhere, forgotten] = [`4194999-${PROCESS_HOME}-0c`, '4194999-00000000-0c', '4194999-00000000-0d'].map(
    (name) => join(dir, '.staging', name),
  );
  for (const directory of [dead!, elsewhere!, forgotten!]) await mkdir(directory);
  const longAgo = Date.now() / 1000 - 48 * 3600;
  await utimes(forgotten!, longAgo, longAgo);
  assert.equal((await removeStaging(dir, mine)).length, 3);
  assert.deepEqual(
    (await readdir(join(dir, '.staging'))).map((name) => join(dir, '.staging', name)).sort(),
    [other, elsewhere!].sort(),
  );
  assert.deepEqual(await removeStaging(join(dir, 'nowhere')), []);
});

test('a models directory that is a file, or lies under one, is named', async () => {
  const file = join(base, 'file');
  await writeFile(file, '');
  await assert.rejects(openRegistry(file), /^Error: the models directory .*file cannot be written: it is a file$/);
  await assert.rejects(openRegistry(join(file, 'models')), /file\/models cannot be written: a file lies on its path$/);
});

test('a bad package is listed with its fault, and show names what it wants', async () => {
  const dir = join(base, 'shown');
  await publishPackage(dir, await stage(dir), draft('good'));
  await mkdir(join(dir, 'bad/1'), { recursive: true });
  await writeFile(join(dir, 'bad/1/model.json'), '{');
  const [bad, good] = await listModels(dir);
  assert.match(bad!.fault!, /model\.json/);
  assert.equal(good!.bytes, featurizer(7).length + CLASSIFIER.length + 'yes\nno\n'.length);
  assert.deepEqual((await showModel(dir, 'good')).labels, ['yes', 'no']);
  await assert.rejects(showModel(dir, 'good:9'), { code: 'MODEL_NOT_FOUND' });
  await assert.rejects(showModel(dir, '../good'), /expected name or name:version/);
});
