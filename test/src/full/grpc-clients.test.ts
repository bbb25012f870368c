import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { type DemoModels, demoModels } from '../support/demo-models.js';
import { type ScoringServer, startScoringServer } from '../support/scoring-server.js';
import { makeCalls } from './support/call-plan.js';
import { type ClientRow, clientLines } from './support/client-table.js';
import { GO_TOOLS, goTool, runTool } from './support/go-tools.js';
import { stockClients } from './support/python-environment.js';

const SERVICE = 'tensorflow.serving.PredictionService';
const LOAD = { calls: 24, workers: 3 };

/** The doors' other calls, by clients that know nothing of this server. Predict has `stock-clients.test.ts`. */
describe('gRPC clients against edgeslot serve', () => {
  let server: ScoringServer;
  let models: DemoModels;
  let folder: string;
  let request: string;
  const table: ClientRow[] = [];

  before(async () => {
    models = await demoModels();
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-grpc-clients-'));
    server = await startScoringServer(models.modelsDir, models.object.id);
    const picture = (await renderFrame(3_200_000)).toString('base64');
    const tensor = { dtype: 'DT_STRING', tensor_shape: { dim: [{ size: 1 }] }, string_val: [picture] };
    request = JSON.stringify({ model_spec: { name: models.object.name }, inputs: { images: tensor } });
  });
  after(async () => {
    const ended = await server?.command.stop('SIGTERM');
    if (folder) await rm(folder, { recursive: true, force: true });
    console.log(clientLines(table).join('\n'));
    assert.equal(ended?.code, 0, ended && `${ended.stdout}\n${ended.stderr}`);
  });
  const passed = (client: keyof typeof GO_TOOLS, calls: string, result: string) =>
    table.push({ client, version: GO_TOOLS[client].version, calls, result });

  it('grpcurl finds the services by reflection and calls them', async () => {
    const grpcurl = await goTool('grpcurl');
    const at = ['-plaintext', server.grpc];
    const answer = async (args: readonly string[], stdin = '') => {
      const ran = await runTool(grpcurl, args, stdin);
      assert.equal(ran.code, 0, ran.stderr);
      return ran.stdout;
    };
    const call = async (method: string, body: object | string) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      return JSON.parse(await answer(['-d', '@', ...at, method], text));
    };
    const services = (await answer([...at, 'list'])).trim().split('\n');
    assert.deepEqual(services, [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'tensorflow.serving.ModelService',
      SERVICE,
    ]);
    for (const service of services) {
      assert.match(await answer([...at, 'describe', service]), new RegExp(`^${service} is a service:`));
    }
    const { outputs, model_spec } = await call(`${SERVICE}/Predict`, request);
    assert.equal(model_spec.version, String(models.object.version));
    const sum = (outputs.output_alias.float_val as number[]).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-3, `probabilities sum to ${sum}`);
    const named = { model_spec: { name: models.object.name } };
    const { metadata } = await call(`${SERVICE}/GetModelMetadata`, { ...named, metadata_field: ['signature_def'] });
    assert.ok(metadata.signature_def.signature_def.serving_default.inputs.images);
    const { model_version_status: states } = await call('tensorflow.serving.ModelService/GetModelStatus', named);
    assert.deepEqual(
      states.map(({ version, state }: { version: string; state: string }) => [version, state]),
      [[String(models.object.version), 'AVAILABLE']],
    );
    assert.equal((await call('grpc.health.v1.Health/Check', {})).status, 'SERVING');
    const refused = await runTool(grpcurl, ['-d', '{}', ...at, `${SERVICE}/Classify`]);
    assert.equal(refused.code, 64 + 12, refused.stderr); // grpcurl's way to say UNIMPLEMENTED
    assert.match(refused.stderr, /call Predict/);
    passed('grpcurl', 'list, describe, Predict, GetModelMetadata, GetModelStatus, Check, Classify', 'as expected');
  });

  it('grpc-health-probe tells a server that serves, and a service that is not there', async () => {
    const probe = await goTool('grpc-health-probe');
    const ask = (...args: string[]) => runTool(probe, ['-addr', server.grpc, ...args]);
    const known = ['', 'PredictionService', SERVICE, 'ModelService', 'tensorflow.serving.ModelService'];
    for (const service of known) {
      const { code, stderr, stdout } = await ask('-service', service);
      assert.deepEqual([code, /status: SERVING/.test(stdout + stderr)], [0, true], stderr);
    }
    assert.notEqual((await ask('-service', 'tensorflow.serving.Guess')).code, 0);
    passed('grpc-health-probe', `Check of ${known.length} names and an unknown one`, 'as expected');
  });

  it('ghz loads the door by reflection, and every call is answered', async () => {
    const ghz = await goTool('ghz');
    const file = join(folder, 'predict.json');
    await writeFile(file, request);
    const args = ['--insecure', '--call', `${SERVICE}.Predict`, '-D', file, '-O', 'json'];
    const load = ['-n', `${LOAD.calls}`, '-c', `${LOAD.workers}`, server.grpc];
    const { code, stdout, stderr } = await runTool(ghz, [...args, ...load]);
    assert.equal(code, 0, stderr);
    const { statusCodeDistribution, rps } = JSON.parse(stdout);
    assert.deepEqual(statusCodeDistribution, { OK: LOAD.calls });
    passed('ghz', `${LOAD.calls} Predict, ${LOAD.workers} at once`, `${LOAD.calls} OK, ${rps.toFixed(0)}/s`);
  });

  it("TensorFlow Serving's stubs ask for states, reload to another model and back, and are told what is not served", async () => {
    const { object, colour } = models;
    const missing = { models: [object.name], versions: [object.version + 7] };
    const calls = [
      { do: 'status', model: object.name },
      { do: 'reload', models: [colour.name], base_path: join(models.modelsDir, colour.name) },
      { do: 'status', model: object.name, version: object.version },
      { do: 'status', model: colour.name },
      { do: 'reload', models: [object.name], versions: [object.version] },
      { do: 'reload', ...missing },
      { do: 'status', model: object.name },
      { do: 'reload', models: [object.name, colour.name] },
      { do: 'reload', models: [object.name], base_path: '/elsewhere' },
      { do: 'status', model: 'guess' },
      { do: 'classify' },
      { do: 'regress' },
      { do: 'multi_inference' },
    ];
    const results = await makeCalls(await stockClients(), {
      script: 'tensorflow_serving_client.py',
      server: server.grpc,
      folder,
      calls,
    });
    const [first, toColour, left, held, back, unknown, failed, several, elsewhere, guess, ...examples] = results;
    const available = (version: number) => ({ version, state: 'AVAILABLE', code: 0, text: '' });
    assert.deepEqual(first?.states, [available(object.version)], first?.text);
    assert.deepEqual([toColour?.status, back?.status], [0, 0], `${toColour?.text} ${back?.text}`);
    assert.deepEqual(left?.states, [{ ...available(object.version), state: 'END' }]);
    assert.deepEqual(held?.states, [available(colour.version)]);
    assert.equal(unknown?.error, 'NOT_FOUND', unknown?.text);
    assert.deepEqual(
      failed?.states?.map(({ version, state, code }) => [version, state, code]),
      [
        [object.version + 7, 'END', 5],
        [object.version, 'AVAILABLE', 0],
      ],
    );
    assert.deepEqual([several?.error, elsewhere?.error, guess?.error], ['INVALID_ARGUMENT', 'NOT_FOUND', 'NOT_FOUND']);
    assert.deepEqual(
      examples.map(({ error }) => error),
      ['UNIMPLEMENTED', 'UNIMPLEMENTED', 'UNIMPLEMENTED'],
    );
    table.push({
      client: 'tensorflow-serving-api',
      version: '2.15.1',
      calls: `${calls.length}: GetModelStatus, HandleReloadConfigRequest, Classify, Regress, MultiInference`,
      result: 'as expected',
    });
  });
});
