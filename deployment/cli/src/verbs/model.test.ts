import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tinyNetwork } from '@edgeslot/model-tools/testing';
import { run } from '../run-cli.fixture.js';

describe('edgeslot model', () => {
  let dir: string;
  let onnx: string;
  const model = (verb: string, ...argv: string[]) =>
    run('model', verb, ...argv, '--models', join(dir, 'models'), '--state', join(dir, 'state'));

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-model-'));
    onnx = join(dir, 'tiny.onnx');
    await writeFile(onnx, tinyNetwork());
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('registers an ONNX file, says so in the original’s words, and tells what it assumed', async () => {
    const { code, out, err } = await model(
      'register',
      onnx,
      '--name',
      'net',
      '--tag',
      'site=a=b',
      '--description',
      'Tiny',
    );
    assert.equal(code, 0, err);
    assert.equal(out, 'Registering model net\nSuccessfully registered: \tnet\tTiny\t1\n');
    assert.match(err, /split at flat, the input of the last Gemm or MatMul \(--split names another\)/);
  });

  it('takes a recipe and labels, and refuses bad ones as wrong usage', async () => {
    const recipe = join(dir, 'recipe.json');
    const labels = join(dir, 'labels.txt');
    await writeFile(labels, 'one\ntwo\nthree\n');
    await writeFile(recipe, '{"channels": "BGR", "mean": [1, 2, 3], "scale": 0.5}');
    const options = ['--name', 'net', '--split', 'pool', '--labels', labels, '--tag', 'site=z', '--recipe'];
    const { code, err } = await model('register', onnx, ...options, recipe);
    assert.equal(code, 0, err);
    assert.equal(err, '');
    const shown = JSON.parse((await model('show', 'net', '--json')).out);
    assert.deepEqual([shown.version, shown.preprocessing.mean, shown.preprocessing.scale], [2, [1, 2, 3], 0.5]);
    await writeFile(recipe, '[1]');
    assert.equal((await model('register', onnx, ...options, recipe)).code, 2);
    await writeFile(recipe, '{"chanels": "RGB"}');
    assert.match((await model('register', onnx, ...options, recipe)).err, /chanels is no field; expected like, resize/);
    assert.equal((await model('register', onnx, '--name', 'net', '--tag', 'site')).code, 2);
    const missing = await model('register', join(dir, 'none'), '--name', 'net');
    assert.equal(missing.code, 1);
    assert.match(missing.err, /^edgeslot: Error, provided model path ".*none" cannot be found/);
  });

  it('lists by tag, shows, verifies and deletes', async () => {
    const ids = async (...argv: string[]) =>
      (JSON.parse((await model('list', '--json', ...argv)).out) as { name: string; version: number }[]).map(
        ({ name, version }) => `${name}:${version}`,
      );
    assert.deepEqual(await ids(), ['net:1', 'net:2']);
    assert.deepEqual(await ids('--tag', 'site'), ['net:1', 'net:2']);
    assert.deepEqual(await ids('--tag', 'site=a=b'), ['net:1']);
    assert.deepEqual(await ids('--tag', 'site', '--tag', 'other'), []);
    assert.match((await model('show', 'net:1')).out, /^tag +site = a=b$/m);
    assert.match((await model('verify', 'net:1')).out, /^net:1: whole; 3 files/);
    assert.match((await model('delete', 'net:1')).out, /^Deleted net:1$/m);
    const gone = await model('verify', 'net:1');
    assert.equal(gone.code, 1);
    assert.match(gone.err, /MODEL_NOT_FOUND/);
    assert.equal((await model('delete', 'a b')).code, 2);
  });

  it('verify names what was altered', async () => {
    await writeFile(join(dir, 'models', 'net', '2', 'labels.txt'), 'one\ntwo\nfour!\n');
    const { code, err } = await model('verify', 'net');
    assert.equal(code, 1);
    assert.match(err, /PACKAGE_DIGEST: .*labels\.txt was altered/);
  });

  it('every verb names what is missing with its code', async () => {
    const manifest = join(dir, 'models', 'net', '2', 'model.json');
    await rename(manifest, `${manifest}.away`);
    for (const argv of [['verify'], ['show'], ['head', '--images', dir]]) {
      const [verb = '', ...options] = argv;
      const { code, err } = await model(verb, 'net', ...options);
      assert.equal(code, 1);
      assert.match(err, /^edgeslot: PACKAGE_FILE_MISSING: .*model\.json is missing; .*`npx edgeslot model delete`\n$/);
    }
    await rename(`${manifest}.away`, manifest);
    const copy = await model('register', join(dir, 'models', 'net', '2'), '--name', 'copy');
    assert.match(copy.err, /^edgeslot: PACKAGE_DIGEST: .*labels\.txt was altered/);
  });

  it('keeps a SavedModel as source and says that it is not servable', async () => {
    await mkdir(join(dir, 'saved'));
    await writeFile(join(dir, 'saved', 'saved_model.pb'), 'graph');
    const { out } = await model('register', join(dir, 'saved'), '--name', 'tf');
    assert.match(out, /Successfully registered: \ttf\t\t1\nIt is a TensorFlow SavedModel.*not servable/);
    assert.match((await model('list')).out, /^tf:1 +SavedModel +not servable/m);
    assert.match((await model('show', 'tf')).out, /not servable/);
    assert.match((await model('verify', 'tf')).out, /not servable/);
    const head = await model('head', 'tf', '--images', dir);
    assert.equal(head.code, 1);
    assert.match(head.err, /not servable/);
  });
});
