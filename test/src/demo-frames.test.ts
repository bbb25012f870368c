import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DemoModels, demoModels } from './support/demo-models.js';
import { edgeslot, type Finished } from './support/run-command.js';

interface Summary {
  frames: Record<'posted' | 'scored' | 'dropped' | 'failed' | 'inFlight', number>;
  latencyMs: { p50: number; max: number; n: number };
  firstScoreMs: number;
  model: { name: string; version: number };
  device: { kind: string; reason: string };
  twin: { desiredVersion: number; appliedVersion: number };
  upstream: { messages: number };
  modules: Record<string, { restarts: number }>;
}

describe('edgeslot demo --frames 20 --summary FILE', () => {
  let directory: string;
  let result: Finished;
  let summary: Summary;
  let models: DemoModels;

  before(async () => {
    models = await demoModels();
    directory = await mkdtemp(join(tmpdir(), 'edgeslot-test-'));
    const file = join(directory, 'summary.json');
    result = await edgeslot(
      [
        'demo',
        '--frames',
        '20',
        '--summary',
        file,
        '--state',
        join(directory, 'state'),
        '--models',
        models.modelsDir,
        '--host',
        'auto',
      ],
      { boundMs: 240_000 },
    );
    summary = await readFile(file, 'utf8').then(
      (text) => JSON.parse(text),
      (error) => {
        throw new Error(`no summary; the demo ended with ${result.code}\n${result.stdout}\n${result.stderr}`, {
          cause: error,
        });
      },
    );
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('ends by itself with exit code 0', () => {
    assert.equal(result.code, 0, `${result.stdout}\n${result.stderr}`);
  });

  it('counts every frame once', () => {
    const { posted, scored, dropped, failed, inFlight } = summary.frames;
    assert.ok(scored >= 20, `scored ${scored}`);
    assert.equal(posted, scored + dropped + failed + inFlight);
    assert.equal(summary.latencyMs.n, scored);
    assert.ok(summary.latencyMs.p50 > 0 && summary.latencyMs.p50 <= summary.latencyMs.max);
    assert.ok(summary.firstScoreMs > 0);
  });

  it('says which model, which device and why', () => {
    assert.deepEqual(summary.model, { name: models.object.name, version: models.object.version });
    assert.ok(['emulator', 'virtual-card', 'catapult'].includes(summary.device.kind));
    assert.match(summary.device.reason, /\S/);
  });

  it('says what the scoring module applied and what went upstream', () => {
    assert.equal(summary.twin.appliedVersion, summary.twin.desiredVersion);
    assert.ok(summary.upstream.messages >= summary.frames.scored, `${summary.upstream.messages} messages`);
    assert.deepEqual(summary.modules, { scoring: { restarts: 0 }, camera: { restarts: 0 } });
  });

  it('tells the story in plain lines', () => {
    assert.ok(!result.stdout.includes('\x1b'), 'escape sequences although it is no terminal');
    assert.match(result.stdout, /deployment\/demo\/deployment\.json/);
    assert.match(result.stdout, /emulator/);
    assert.ok(result.stdout.includes(models.object.id));
    const frames = result.stdout
      .split('\n')
      .filter((line) => /belt-1.*(empty belt|bottle standing|bottle fallen|carton)/.test(line));
    assert.ok(frames.length >= 20, `${frames.length} frame lines\n${result.stdout}`);
    for (const line of result.stdout.split('\n')) assert.ok(line.length <= 160, line);
  });
});
