import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPackage, parseManifest } from '@edgeslot/scoring/model';
import { listModels } from '../registry/list.js';
import { registerTiny } from '../testing/tiny-package.js';
import { type MsFpProgress, makeMsFp } from './make-ms-fp.js';

let modelsDir: string;
before(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-make-ms-fp-'));
  await registerTiny(modelsDir, 'net');
});
after(() => rm(modelsDir, { recursive: true }));

test('a version with the card numbers has a parent, says how they were rounded and shares what did not change', async () => {
  const steps: MsFpProgress[] = [];
  const made = await makeMsFp({
    modelsDir,
    model: 'net:1',
    mantissaBits: 3,
    activations: true,
    tags: { study: 'yes' },
    onProgress: (step) => steps.push(step),
  });
  assert.deepEqual([made.products, made.weights], [1, 16 * 27]);
  const { directory, manifest } = await openPackage(modelsDir, { name: 'net' });
  assert.deepEqual(manifest, made.manifest);
  assert.deepEqual([manifest.version, manifest.parent, manifest.numerics], [2, 'net:1', 'ms-fp']);
  assert.deepEqual(manifest.numericsDetail, {
    format: 'ms-fp9',
    exponentBits: 5,
    mantissaBits: 3,
    block: 128,
    activations: true,
  });
  assert.match(manifest.description!, /ms-fp \(ms-fp9: 3-bit mantissa, blocks of 128; weights and activations\)$/);
  assert.equal(manifest.tags.study, 'yes');
  const source = (await openPackage(modelsDir, { name: 'net', version: 1 })).directory;
  const node = async (folder: string) => (await stat(join(folder, 'classifier.onnx'))).ino;
  assert.equal(await node(directory), await node(source));
  const last = steps.at(-1)!;
  assert.ok(last.total > 0 && last.done === last.total);
});

test('what was measured of the source is not said of its version', async () => {
  const tags = { site: 'north', accuracy: '0.99', measuredOn: '200', recipe: 'of the demo' };
  await registerTiny(modelsDir, 'measured', tags);
  const { manifest } = await makeMsFp({ modelsDir, model: 'measured:1' });
  assert.deepEqual(manifest.tags, { site: 'north' });
});

test('another name starts at version 1; what is not float32 is refused with where it came from', async () => {
  const { manifest } = await makeMsFp({ modelsDir, model: 'net:1', name: 'card', format: 'msfp12' });
  assert.deepEqual([manifest.name, manifest.version, manifest.parent], ['card', 1, 'net:1']);
  assert.equal(manifest.numericsDetail!.exponentBits, 8);
  await assert.rejects(
    makeMsFp({ modelsDir, model: 'card' }),
    /card:1: expected a float32 model, got ms-fp \(msfp12.*it was made from net:1/,
  );
});

test('bad choices and an abort leave nothing', async () => {
  const before = (await listModels(modelsDir)).map(({ id }) => id);
  await assert.rejects(makeMsFp({ modelsDir, model: 'net:1', mantissaBits: 9 }), /mantissa/);
  await assert.rejects(makeMsFp({ modelsDir, model: 'net:1', name: 'a:1' }), /name: expected a letter .* found "a:1"/);
  const abort = new AbortController();
  const onProgress = () => abort.abort(new Error('enough'));
  await assert.rejects(makeMsFp({ modelsDir, model: 'net:1', signal: abort.signal, onProgress }), /enough/);
  assert.deepEqual(
    (await listModels(modelsDir)).map(({ id }) => id),
    before,
  );
  assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
});

test('a manifest of other numerics may not carry the detail', async () => {
  const { manifest } = await openPackage(modelsDir, { name: 'net', version: 2 });
  const { digest: _, ...rest } = manifest;
  const text = JSON.stringify({ ...rest, numerics: 'int8' });
  assert.throws(() => parseManifest(text, 'model.json'), /numericsDetail.*none, as "numerics" is "int8", found ms-fp9/);
});
