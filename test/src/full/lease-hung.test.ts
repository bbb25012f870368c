import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { noLocks, writeTinyPackage } from '@edgeslot/scoring/testing';
import { leasedArguments, startLeasedServer } from '../support/leased-server.js';
import { startEdgeslot } from '../support/run-command.js';
import { waitFor } from '../support/wait-for.js';

test('a holder that hangs is told of and left alone; when it goes on it hands over, when it dies the next one has it', {
  skip: noLocks,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-hung-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeTinyPackage(join(folder, 'models'));
  const ports = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0'];
  const startWaiting = async () => {
    const settings = ['--models', join(folder, 'models'), '--model', 'tiny', ...ports];
    const command = startEdgeslot(['serve', ...settings, ...(await leasedArguments(folder))]);
    t.after(() => command.stop('SIGKILL'));
    await waitFor(
      'who holds the device',
      () =>
        /WRN.*the lease of emulator is held by module serve@.* \(process \d+\) since \d{4}-\S+, which does not answer/.test(
          command.stdout,
        ) || undefined,
    );
    assert.doesNotMatch(command.stdout, /^listening/m);
    return command;
  };
  const serves = (command: { stdout: string }) =>
    waitFor('the model', () => /^listening/m.test(command.stdout) || undefined);

  const first = await startLeasedServer(t, folder);
  first.command.child.kill('SIGSTOP');
  const second = await startWaiting();
  first.command.child.kill('SIGCONT');
  await serves(second);
  assert.match(first.command.stdout, /handed over to module serve@/);

  second.child.kill('SIGSTOP');
  const third = await startWaiting();
  await second.stop('SIGKILL');
  await serves(third);
  assert.ok(first.command.running);
});
