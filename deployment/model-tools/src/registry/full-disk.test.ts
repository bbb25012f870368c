import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, statfs, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPackage } from '@edgeslot/scoring/model';
import { registerModel } from '../import/register-model.js';
import { registerTiny } from '../testing/tiny-package.js';
import { deleteModel } from './delete.js';
import { listModels } from './list.js';

const MANY = 40;

function mount(directory: string): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux, to mount a tmpfs';
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'edgeslot-test', directory]);
  return status === 0 ? undefined : `cannot mount a tmpfs here: ${String(stderr).trim()}`;
}

test('a full disk refuses a registration and leaves a registry that opens; deleting makes room', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-full-'));
  const disk = await mkdtemp(join(tmpdir(), 'edgeslot-disk-'));
  const obstacle = mount(disk);
  t.after(async () => {
    if (obstacle === undefined) spawnSync('umount', [disk]);
    await rm(disk, { recursive: true, force: true });
    await rm(base, { recursive: true, force: true });
  });
  if (obstacle !== undefined) return t.skip(obstacle);

  const [name = '', version = ''] = (await registerTiny(base, 'seed')).split(':');
  const path = join(base, name, version);
  const modelsDir = join(disk, 'models');
  const register = () => registerModel({ modelsDir, path, name: 'net' });
  await register();
  let refused = 0;
  // Every amount of room from none to enough is tried, a block at a time: the disk fills up at every step of the work.
  for (let blocks = 0; blocks < MANY && refused === blocks; blocks++) {
    const filler = join(disk, 'filler');
    const { bavail, bsize } = await statfs(disk);
    const room = Number(bavail) * Number(bsize);
    await writeFile(filler, Buffer.alloc(Math.max(0, room - blocks * Number(bsize))));
    const before = (await listModels(modelsDir)).map(({ id }) => id);
    const done = await register().then(
      () => true,
      (error: Error) => {
        assert.match(error.message, /ENOSPC|no space/i);
        return false;
      },
    );
    const models = await listModels(modelsDir);
    if (!done) {
      refused++;
      assert.deepEqual(
        models.map(({ id }) => id),
        before,
      );
    }
    for (const { fault, version: each } of models) {
      assert.equal(fault, undefined);
      await openPackage(modelsDir, { name: 'net', version: each });
    }
    JSON.parse(await readFile(join(modelsDir, 'index.json'), 'utf8'));
    assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
    await truncate(filler);
    await rm(filler);
  }
  assert.ok(refused > 3 && refused < MANY, `refused ${refused} times`);

  const { bavail, bsize } = await statfs(disk);
  await writeFile(join(disk, 'filler'), Buffer.alloc(Number(bavail) * Number(bsize)));
  await assert.rejects(register(), /ENOSPC|no space/i);
  const ids = async () => (await listModels(modelsDir)).map(({ id }) => id);
  const before = await ids();
  const deleted = await deleteModel(modelsDir, 'net');
  assert.deepEqual(
    await ids(),
    before.filter((id) => id !== deleted),
  );
  const index = JSON.parse(await readFile(join(modelsDir, 'index.json'), 'utf8')) as { models: { id: string }[] };
  assert.deepEqual(
    index.models.map(({ id }) => id),
    await ids(),
  );
  assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
  for (const { version: each } of await listModels(modelsDir))
    await openPackage(modelsDir, { name: 'net', version: each });
});
