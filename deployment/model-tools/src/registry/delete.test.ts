import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { registerModel } from '../import/register-model.js';
import { registerTiny } from '../testing/tiny-package.js';
import { deleteModel, ModelInUseError } from './delete.js';
import { listModels, showModel } from './list.js';
import { publishPackage } from './publish.js';
import { linkOrCopy } from './share-file.js';
import { openStaging, stagingOwner } from './staging.js';

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'edgeslot-delete-'));
});
after(() => rm(dir, { recursive: true }));

test('a deleted version is gone from directories and index, and is never given again', async () => {
  for (const expected of ['net:1', 'net:2']) assert.equal(await registerTiny(dir, 'net'), expected);
  assert.equal(await deleteModel(dir, 'net'), 'net:2');
  assert.deepEqual(
    (await listModels(dir)).map(({ id }) => id),
    ['net:1'],
  );
  const index = JSON.parse(await readFile(join(dir, 'index.json'), 'utf8'));
  assert.deepEqual(
    index.models.map(({ id }: { id: string }) => id),
    ['net:1'],
  );
  assert.deepEqual(await readdir(join(dir, '.staging')), []);
  assert.equal(await deleteModel(dir, 'net:1'), 'net:1');
  assert.equal(await registerTiny(dir, 'net'), 'net:3');
});

test('a model that is used is kept, and the user is named', async () => {
  await registerTiny(dir, 'used');
  const usersOf = async () => ['the slot of module scoring (runtime on .edgeslot, AVAILABLE)'];
  await assert.rejects(deleteModel(dir, 'used', { usersOf }), {
    name: 'ModelInUseError',
    message: /^The model used:1 cannot be deleted because it is currently being used in the slot of module scoring/,
  });
  const { manifest, directory } = await showModel(dir, 'used');
  const { manifest: copy } = await registerModel({ modelsDir: dir, path: directory, name: 'child' });
  const child = await showModel(dir, 'child');
  assert.equal(copy.version, 1);
  const { schemaVersion: _s, version: _v, created: _c, files: _f, ...draft } = child.manifest;
  const staging = await openStaging(dir, stagingOwner());
  for (const file of Object.keys(manifest.files)) await linkOrCopy(join(child.directory, file), join(staging, file));
  await publishPackage(dir, staging, { ...draft, parent: 'used:1' });
  await assert.rejects(deleteModel(dir, 'used:1'), (error: Error) => {
    assert.ok(error instanceof ModelInUseError);
    assert.deepEqual(error.users, ['model child:2, which was made from it']);
    return true;
  });
  await deleteModel(dir, 'child:2');
  await deleteModel(dir, 'used:1');
  await assert.rejects(deleteModel(dir, 'used'), { code: 'MODEL_NOT_FOUND' });
  await assert.rejects(deleteModel(dir, '../etc'), RangeError);
});
