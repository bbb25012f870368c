import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { tinyNetwork } from '../testing/tiny-network.js';

/** Registering runs both graphs once. */
const REGISTER = `
const { registerModel } = await import(process.env.REGISTER);
await registerModel({ modelsDir: process.env.MODELS, path: process.env.NETWORK, name: 'net' });
`;

test('onnxruntime sends nothing home and leaves nothing there, nor in the temporary folder', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-quiet-'));
  t.after(() => rm(base, { recursive: true }));
  const [home, temporary] = [join(base, 'home'), join(base, 'temporary')];
  const [network, script] = [join(base, 'tiny.onnx'), join(base, 'register.mjs')];
  for (const folder of [home, temporary]) await mkdir(folder);
  await writeFile(network, tinyNetwork());
  await writeFile(script, REGISTER);
  const env = {
    ...{ PATH: process.env.PATH, HOME: home, TMPDIR: temporary, MODELS: join(base, 'models'), NETWORK: network },
    REGISTER: new URL('../import/register-model.js', import.meta.url).href,
  };
  await promisify(execFile)(process.execPath, [script], { env, timeout: 60_000 });
  assert.deepEqual(await readdir(join(base, 'models', 'net')), ['1']);
  assert.deepEqual([await readdir(home), await readdir(temporary)], [[], []]);
});
