import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoModels } from './support/demo-models.js';
import { startEdgeslot } from './support/run-command.js';
import { waitFor } from './support/wait-for.js';

test('SIGTERM while a model loads ends edgeslot serve with 0, wherever the loading is', async () => {
  const { modelsDir } = await demoModels();
  const ports = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0', '--log-level', 'debug'];
  for (const wait of [0, 100, 200, 300]) {
    const command = startEdgeslot(['serve', '--models', modelsDir, '--model', 'belt-object', ...ports]);
    await waitFor('the loading', () => {
      if (!command.running) throw new Error(`serve ended early\n${command.output}`);
      return command.stdout.includes('slot is LOADING') || undefined;
    });
    await sleep(wait);
    const { code, signal } = await command.stop('SIGTERM');
    assert.deepEqual([code, signal], [0, null], command.output);
  }
});
