import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';

/** onnxruntime looks once in the life of a process, so this has one of its own. */
const LOAD = `
const { Emulator } = await import(process.env.EMULATOR);
const { openPackage } = await import(process.env.OPEN);
const emulator = new Emulator({ lanes: { lanes: 1, threads: 1 } });
await emulator.load(await openPackage(process.env.MODELS, { name: 'tiny' }));
await emulator.close();
console.log(process.env.ORT_DISABLE_TELEMETRY);
`;

test('onnxruntime in a lane sends no usage events and leaves nothing in home and temporary folders', async (t) => {
  const base = await temporaryDirectory(t);
  const [home, temporary, models] = ['home', 'temporary', 'models'].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, temporary]) await mkdir(folder);
  await writeTinyPackage(models);
  const script = join(base, 'load.mjs');
  await writeFile(script, LOAD);
  const module = (path: string) => new URL(path, import.meta.url).href;
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, TMPDIR: temporary, MODELS: models },
    ...{ EMULATOR: module('./emulator.js'), OPEN: module('../model/open-package.js') },
  };
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env, timeout: 60_000 });
  assert.equal(stdout, '1\n');
  assert.deepEqual([await readdir(home), await readdir(temporary)], [[], []]);
});
