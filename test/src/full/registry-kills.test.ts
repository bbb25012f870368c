import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { killRounds } from '@edgeslot/model-tools/testing';

it('kill -9 at 200 points of registering and deleting leaves a registry that opens and lists nothing half-made', async () => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-kills-'));
  try {
    // Two processes are killed in each round.
    const { survived } = await killRounds(base, 100);
    assert.ok(survived > 0, 'no model was ever there: the processes were killed too early');
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
