import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noLocks, writeTinyPackage } from '@edgeslot/scoring/testing';
import { readyAnswer, startLeasedServer } from './support/leased-server.js';
import { waitFor } from './support/wait-for.js';

test('two servers and one device: the newer one is given it, and its death gives it back', {
  skip: noLocks,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-lease-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeTinyPackage(join(folder, 'models'));
  const first = await startLeasedServer(t, folder);
  assert.equal((await readyAnswer(first)).status, 200);

  const second = await startLeasedServer(t, folder);
  assert.equal((await readyAnswer(second)).status, 200);
  const handedOver = await readyAnswer(first);
  assert.equal(handedOver.status, 503);
  assert.match(handedOver.text, /emulator was handed over to module serve@.*, which asked for it/);
  const frame = await fetch(`http://${first.http}/score`, { method: 'POST', body: new Uint8Array([0xff, 0xd8, 0xff]) });
  assert.equal(frame.status, 503);
  assert.ok(Number(frame.headers.get('retry-after')) > 0);

  await second.command.stop('SIGKILL');
  await waitFor('the first to serve again', async () => (await readyAnswer(first)).status === 200 || undefined);
  assert.match(first.command.stdout, /the lease of emulator is held, epoch 3/);

  const { code } = await first.command.stop('SIGTERM');
  assert.equal(code, 0);
  assert.deepEqual(await readdir(join(folder, 'lease')), ['emulator.lease']);
});
