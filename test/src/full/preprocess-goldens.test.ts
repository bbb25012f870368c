import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GOLDENS, makeGoldens } from './support/make-goldens.js';
import { stockClients } from './support/python-environment.js';

// After a change of the pictures or the recipes: EDGESLOT_WRITE_GOLDENS=1 node deployment/bootstrap.mjs full preprocess-goldens
test('the committed goldens are what TensorFlow makes of their pictures', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-goldens-'));
  const file = join(GOLDENS, 'goldens.json');
  try {
    const made = await makeGoldens(await stockClients(), folder);
    if (process.env.EDGESLOT_WRITE_GOLDENS === '1') await writeFile(file, `${JSON.stringify(made, undefined, 1)}\n`);
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), JSON.parse(JSON.stringify(made)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
