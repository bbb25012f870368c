import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeHolders } from './node-holders.js';

const skip = process.platform === 'linux' ? false : 'only Linux tells who has a file open';

test('who has a node open is found by the file, not by its path', { skip }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-holders-'));
  t.after(() => rm(folder, { recursive: true }));
  const node = join(folder, 'catapult0');
  await writeFile(node, '');
  assert.deepEqual(await nodeHolders(node), []);
  const file = await open(node);
  try {
    const [one, ...others] = await nodeHolders(node);
    assert.deepEqual([one?.pid, others], [process.pid, []]);
    assert.match(one!.command, /node/);
  } finally {
    await file.close();
  }
  assert.deepEqual(await nodeHolders(join(folder, 'none')), []);
});
