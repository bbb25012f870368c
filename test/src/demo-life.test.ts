import assert from 'node:assert/strict';
import { readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { PredictionClient } from '@edgeslot/client';
import { accuracy } from './support/belt-frames.js';
import { DEMO_MANIFEST_B } from './support/checkout.js';
import { type DemoModels, demoModels, linkedModels } from './support/demo-models.js';
import { DemoRuntime } from './support/demo-runtime.js';
import { byMethod, byReload, byTwin, inTurn } from './support/load/swap.js';
import { swapUnderLoad } from './support/load/swaps-under-load.js';
import { descendants, isAlive } from './support/processes.js';
import { edgeslot } from './support/run-command.js';
import { waitFor } from './support/wait-for.js';

/** Seeds that neither the training nor the demo camera uses. */
const FRESH_SEED = 2_500_000;

describe('the demo, from its start to its end', () => {
  let demo: DemoRuntime;
  let models: DemoModels;
  let modelsDir: string;

  before(async () => {
    models = await demoModels();
    modelsDir = await linkedModels(models);
    demo = await DemoRuntime.start(modelsDir, ['--rate', '4']);
  });
  after(async () => {
    if (demo.command.running) await demo.stop('SIGKILL');
    await rm(modelsDir, { recursive: true, force: true });
  });

  const deleteModel = (model: string, state = demo.stateDir) =>
    edgeslot(['model', 'delete', model, '--state', state, '--models', modelsDir]);

  it('scores the camera, and at least 95 % of the answers are the true class', async () => {
    const frames = await demo.scoredFrames(60, models.object.id, 180_000);
    assert.ok(frames.every((frame) => frame.seed >= 1_000_000));
    const share = accuracy(
      'belt-object',
      frames.map(({ seed, label }) => ({ seed, label: label ?? '' })),
    );
    assert.ok(share >= 0.95, `accuracy ${share}`);
  });

  it('answers Predict over gRPC on the published port, with model name and version in the reply', async () => {
    const client = new PredictionClient({ address: await demo.published('scoring', '50051/tcp') });
    try {
      const reply = await client.scoreImage(await renderFrame(FRESH_SEED));
      assert.equal(reply.model.name, 'belt-object');
      assert.equal(reply.model.version, models.object.version);
    } finally {
      client.close();
    }
  });

  it('shows the same through `edgeslot status`', async () => {
    const { code, stdout } = await edgeslot(['status', '--state', demo.stateDir]);
    assert.equal(code, 0);
    for (const expected of ['scoring', 'camera', 'running', models.object.id, 'emulator'])
      assert.ok(stdout.includes(expected), stdout);
  });

  it('reports a changed twin, and keeps the last good value when the new one is bad', async () => {
    const accepted = await demo.control.patchTwin('scoring', { telemetry: { enabled: true, intervalMs: 500 } });
    const section = (name: string) =>
      demo.control
        .twin('scoring')
        .then((twin) => twin.properties.reported[name] as Record<string, unknown> | undefined);
    await waitFor('the telemetry section to be applied', async () => {
      const telemetry = await section('telemetry');
      return telemetry?.version === accepted.properties.desired.$version && telemetry.code === 200 ? true : undefined;
    });
    const refused = await demo.control.patchTwin('scoring', { telemetry: { enabled: true, intervalMs: -5 } });
    const report = await waitFor('the bad value to be reported', async () => {
      const telemetry = await section('telemetry');
      return telemetry?.version === refused.properties.desired.$version ? telemetry : undefined;
    });
    assert.equal(report.code, 400);
    assert.match(String(report.text), /intervalMs.*-5/);
    await demo.scoredFrames(2, models.object.id);
    await demo.control.patchTwin('scoring', { telemetry: { enabled: true, intervalMs: null } });
  });

  it('answers ping', async () => {
    const { status } = await demo.control.method('scoring', 'ping');
    assert.equal(status, 200);
  });

  it('answers `edgeslot swap`, and says why a model cannot be had', async () => {
    const swap = (model: string) => edgeslot(['swap', model, '--state', demo.stateDir]);
    const held = await swap(models.object.id);
    assert.deepEqual([held.code, held.stdout], [0, `scoring: ${models.object.id} is held already\n`], held.stderr);
    const missing = await swap('nothing:3');
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /^edgeslot: scoring: nothing:3: MODEL_NOT_FOUND: .*; .+ serves$/m);
  });

  it('swaps its model ten times, by twin, method and RPC, under four gRPC clients and four more cameras, and fails none of their calls', async () => {
    const grpc = await demo.published('scoring', '50051/tcp');
    const { report, swaps } = await swapUnderLoad({
      control: demo.control,
      grpc,
      http: await demo.published('scoring', '8080/tcp'),
      ask: inTurn(byTwin(demo.control), byMethod(demo.control), byReload(grpc)),
      models: [models.object, models.colour],
      count: 10,
      pictures: 3,
    });
    assert.equal(report.failed, 0, report.text);
    assert.ok(report.answered > 0);
    assert.equal(new Set(swaps.map(({ id }) => id)).size, 10, JSON.stringify(swaps));
    await demo.control.patchTwin('scoring', { model: null });
  });

  it('brings a killed scoring module back: a new pid, one restart, and frames go on', async () => {
    const { pid } = await demo.module('scoring');
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    const revived = await waitFor('scoring to come back', async () => {
      const module = await demo.module('scoring');
      const anew = module.pid !== undefined && module.pid !== pid;
      return module.runtimeStatus === 'running' && anew ? module : undefined;
    });
    assert.equal(revived.restartCount, 1);
    await demo.scoredFrames(5, models.object.id);
    const { counters } = demo.frames.at(-1)!;
    assert.equal(counters.posted, counters.scored + counters.dropped + counters.failed + counters.inFlight);
    assert.ok(
      demo.frames.some((frame) => frame.status !== 'scored' && frame.reason),
      'the gap shows no unscored frame',
    );
  });

  it('does not delete the model in the slot, and names its user, wherever it is asked', async () => {
    for (const state of [demo.stateDir, join(demo.stateDir, 'another')]) {
      const { code, stderr } = await deleteModel('belt-object', state);
      assert.equal(code, 1, stderr);
      assert.ok(
        stderr.includes(
          `The model ${models.object.id} cannot be deleted because it is currently being used in module scoring of ` +
            'image edgeslot/scoring:1.0.0-a (it is in the slot, AVAILABLE; MODEL_NAME is belt-object)',
        ),
        stderr,
      );
    }
    await stat(join(modelsDir, models.object.id.replace(':', '/'), 'featurizer.onnx'));
  });

  it('runs a different model when a new container is deployed', async () => {
    const old = await demo.module('scoring');
    const camera = await demo.module('camera');
    const { code, stdout, stderr } = await edgeslot(['deploy', DEMO_MANIFEST_B, '--state', demo.stateDir]);
    assert.equal(code, 0, stdout + stderr);
    const frames = await demo.scoredFrames(40, models.colour.id);
    const share = accuracy(
      'belt-colour',
      frames.map(({ seed, label }) => ({ seed, label: label ?? '' })),
    );
    assert.ok(share >= 0.95, `accuracy ${share}`);
    const fresh = await demo.module('scoring');
    assert.notEqual(fresh.pid, old.pid);
    assert.ok(!isAlive(old.pid!), 'the old module still runs');
    assert.equal((await demo.module('camera')).pid, camera.pid, 'the camera did not change and must not be restarted');
    const reply = await new PredictionClient({ address: await demo.published('scoring', '50051/tcp') }).scoreImage(
      await renderFrame(FRESH_SEED),
    );
    assert.equal(reply.model.name, 'belt-colour');
  });

  it('deletes the model that no container names any more, and not the one that is named now', async () => {
    const { code, stdout, stderr } = await deleteModel('belt-object');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `Deleted ${models.object.id}\n`);
    const refused = await deleteModel('belt-colour');
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /image edgeslot\/scoring:1\.0\.0-b \(it is in the slot, AVAILABLE; MODEL_NAME is/);
    await demo.scoredFrames(1, models.colour.id);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const { runtime, modules } = await demo.control.status();
    const family = descendants(demo.command.child.pid!);
    assert.ok(family.length >= 2, 'the modules are processes of their own');
    const addresses = [runtime.gateway, ...modules.flatMap((module) => module.ports.map((port) => port.host))];
    const { code } = await demo.command.stop('SIGINT');
    assert.equal(code, 0, demo.command.output.slice(-4000));
    assert.deepEqual(family.filter(isAlive), [], 'processes that outlived the demo');
    for (const address of addresses) assert.ok(!(await listens(address)), `${address} still listens`);
    assert.deepEqual(await socketsIn(runtime.runDir), []);
    const { code: purged } = await edgeslot(['down', '--purge', '--state', demo.stateDir]);
    assert.equal(purged, 0);
    await assert.rejects(stat(demo.stateDir), { code: 'ENOENT' });
  });

  it('lets the last model go once nothing runs', async () => {
    const { code, stdout, stderr } = await deleteModel('belt-colour');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `Deleted ${models.colour.id}\n`);
  });
});

function listens(address: string): Promise<boolean> {
  const at = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = createConnection({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function socketsIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isSocket()).map((entry) => entry.name);
}
