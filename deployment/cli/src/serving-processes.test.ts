import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { recordServing, servingProcesses } from './serving-processes.js';

describe('the record of what `edgeslot serve` holds', () => {
  const model = { name: 'net', version: 2 };
  let dir: string;
  let folder: string;
  let models: string;
  const found = (modelsDir: string, wanted = model) => servingProcesses(modelsDir, wanted, [folder]);

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-serving-'));
    [folder, models] = [join(dir, 'run'), join(dir, 'models')];
    await mkdir(folder);
    await mkdir(models);
    await symlink(models, join(dir, 'same'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('is found by that version of that directory, by whatever path, until it is taken back', async () => {
    const forget = await recordServing(join(dir, 'same'), model, folder);
    assert.deepEqual(await found(models), [process.pid]);
    assert.deepEqual(await found(models, { ...model, version: 1 }), []);
    assert.deepEqual(await found(models, { ...model, name: 'other' }), []);
    assert.deepEqual(await found(dir), []);
    await forget();
    assert.deepEqual(await found(models), []);
    assert.deepEqual(await readdir(folder), []);
  });

  it('is removed when its process is dead, or is a later one with the same id', async () => {
    await recordServing(models, model, folder);
    const [file = ''] = await readdir(folder);
    const record = JSON.parse(await readFile(join(folder, file), 'utf8'));
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    await writeFile(join(folder, `${file}.dead`), JSON.stringify({ ...record, pid: child.pid }));
    await writeFile(join(folder, `${file}.later`), JSON.stringify({ ...record, startTime: 'another' }));
    await writeFile(join(folder, `${file}.torn`), '{"pid":');
    assert.deepEqual(await found(models), [process.pid]);
    assert.deepEqual(await readdir(folder), [file]);
  });

  it('leaves what it cannot judge: records of another PID namespace', async () => {
    const [file = ''] = await readdir(folder);
    const foreign = file.replace(/serve-[0-9a-f]{8}-/, 'serve-00000000-');
    await writeFile(join(folder, foreign), '{"pid":1}');
    await found(models);
    assert.deepEqual((await readdir(folder)).sort(), [file, foreign].sort());
  });
});
