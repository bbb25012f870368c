import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { demoModels } from '../support/demo-models.js';
import { type Finished, RunningCommand } from '../support/run-command.js';
import { type ScoringServer, startScoringServer } from '../support/scoring-server.js';
import { PYTHON_FOLDER, schemathesis } from './support/python-environment.js';

const SECONDS = 120;
/** Its coverage phase alone makes more. */
const LEAST_CALLS = 1000;

describe('the OpenAPI document that is served', () => {
  let server: ScoringServer;
  let folder: string;
  let run: Finished;

  before(async () => {
    const { python } = await schemathesis();
    server = await startScoringServer((await demoModels()).modelsDir, 'belt-object', ['--log-level', 'error']);
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-description-'));
    const config = join(PYTHON_FOLDER, 'schemathesis.toml');
    const bounds = ['--max-examples', '40', '--max-time', String(SECONDS), '--seed', '1', '--no-color'];
    const document = `http://${server.http}/openapi.json`;
    const args = ['-c', 'from schemathesis.cli import schemathesis; schemathesis()', '--config-file', config];
    run = await new RunningCommand(spawn(python, [...args, 'run', document, ...bounds], { cwd: folder })).finished;
  });
  after(async () => {
    await server?.command.stop('SIGTERM');
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('is true: calls that it allows and calls that it forbids are answered as it says', () => {
    assert.equal(run.code, 0, `${run.stdout}\n${run.stderr}`);
    const calls = Number(/(\d+) generated/.exec(run.stdout)?.[1]);
    assert.ok(calls >= LEAST_CALLS, run.stdout);
    console.log(`schemathesis: ${calls} calls, ${/Tested: \d+/.exec(run.stdout)?.[0]} operations, no violation`);
  });

  it('leaves the server as it was', async () => {
    assert.equal((await fetch(`http://${server.http}/ready`)).status, 200);
    assert.equal(server.command.stderr.includes('[ERR]'), false, server.command.stderr);
  });
});
