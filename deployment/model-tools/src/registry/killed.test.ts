import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { killRounds } from '../testing/kill-rounds.js';

test('kill -9 of two processes that register and delete leaves a registry that opens', async () => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-killed-'));
  try {
    await killRounds(base, 5);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
