import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '@edgeslot/edge-module/log';
import {
  decodePredictResponse,
  encodePredictRequest,
  floatTensor,
  floatValues,
  predictServerMethod,
  stringTensor,
} from '@edgeslot/tensorflow-serving';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import sharp from 'sharp';
import type { ScoredFrame } from './camera-frame.js';
import { loadConfig } from './config/index.js';
import { MODEL_SERVICE, StockClient } from './grpc/stock-client.fixture.js';
import type { ClassificationInference } from './http/inferences.js';
import { type ScoringServer, startServer } from './serve.js';
import { FakeDevice } from './testing/fake-device.js';
import { temporaryDirectory, writeTinyPackage } from './testing/tiny-package.js';

const log = createLog({ write: () => {} });
const ports = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0', '--device', 'emulator'];
const configOf = (...argv: string[]) => loadConfig({ env: {}, argv: [...ports, ...argv] });

const red = await sharp({ create: { width: 320, height: 240, channels: 3, background: '#d01010' } })
  .jpeg()
  .toBuffer();

test('a start that is cut short while the house is put together loads nothing', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const device = new FakeDevice();
  const abort = new AbortController();
  const selectDevice = async () => {
    abort.abort();
    return { device, reason: 'fake', rejected: [] };
  };
  await assert.rejects(
    startServer(configOf('--models', base, '--model', 'tiny'), { log, selectDevice, signal: abort.signal }),
  );
  assert.deepEqual(device.log, []);
});

async function withServer(
  t: { after(done: () => Promise<void>): void },
  use: (server: ScoringServer, base: string) => Promise<void>,
) {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const lines: string[] = [];
  const server = await startServer(configOf('--models', base, '--model', 'tiny'), {
    log,
    print: (line) => lines.push(line),
  });
  try {
    const { grpc, http, metrics } = server.addresses;
    assert.deepEqual(lines, [`listening grpc=${grpc} http=${http} metrics=${metrics} model=tiny:1 device=emulator`]);
    await use(server, base);
  } finally {
    await server.stop();
  }
}

function predict(
  address: string,
  tensor: Parameters<typeof encodePredictRequest>[0]['inputs'] extends ReadonlyMap<string, infer T> ? T : never,
) {
  const client = new Client(address, credentials.createInsecure());
  const body = encodePredictRequest({ inputs: new Map([['images', tensor]]), outputFilter: [] });
  return new Promise<ReturnType<typeof decodePredictResponse>>((resolve, reject) => {
    client.makeUnaryRequest(
      predictServerMethod.path,
      (bytes: Buffer) => bytes,
      decodePredictResponse,
      body,
      (error, response) => {
        client.close();
        if (error) reject(error);
        else resolve(response!);
      },
    );
  });
}

const post = (address: string, body: Buffer) =>
  fetch(`http://${address}/score?camera=c`, { method: 'POST', body, headers: { 'content-type': 'image/jpeg' } });

test('pictures and tensors go through every door, lane and graph to an answer', async (t) => {
  await withServer(t, async ({ addresses, onFrame, scorer }) => {
    const frames: ScoredFrame[] = [];
    onFrame((frame) => 'inferences' in frame && frames.push(frame));
    const response = await post(addresses.http, red);
    assert.equal(response.status, 200);
    const { inferences } = (await response.json()) as { inferences: ClassificationInference[] };
    assert.equal(inferences[0]!.classification.tag.value, 'red');
    assert.equal(inferences[0]!.extensions.model, 'tiny:1');
    assert.deepEqual(
      frames.map(({ camera, model, numerics }) => ({ camera, model, numerics })),
      [{ camera: 'c', model: 'tiny:1', numerics: 'float32' }],
    );

    const pictures = await predict(addresses.grpc, stringTensor([red, red]));
    assert.deepEqual(pictures.modelSpec, { name: 'tiny', version: 1, signatureName: 'serving_default' });
    const rows = floatValues(pictures.outputs.get('output_alias')!, 100);
    assert.equal(rows.length, 6);
    assert.ok(rows[2]! > rows[0]! && rows[2]! > rows[1]!);

    const blue = Float32Array.from({ length: 224 * 224 * 3 }, (_, at) => (at % 3 === 0 ? 100 : -100));
    const tensor = await predict(addresses.grpc, floatTensor([1, 224, 224, 3], blue));
    const [first, second, third] = floatValues(tensor.outputs.get('output_alias')!, 100);
    assert.ok(first! > second! && first! > third!);
    assert.equal(scorer.counters.scored, 3);

    const ready = (await (await fetch(`http://${addresses.http}/ready`)).json()) as { model: string };
    assert.equal(ready.model, 'tiny:1');
    const metrics = await (await fetch(`http://${addresses.metrics}/metrics`)).text();
    assert.match(metrics, /edgeslot_queue_length\{[^}]*\} 0/);
    assert.match(metrics, /edgeslot_requests_total\{door="grpc",code="OK",model_name="tiny",version="1",[^}]*\} 2/);
  });
});

test('bad pictures and tensors are refused by name, and the next good one is scored', async (t) => {
  await withServer(t, async ({ addresses: { grpc, http } }) => {
    const refused = async (tensor: Parameters<typeof predict>[1], details: RegExp) => {
      const error = await predict(grpc, tensor).then(
        () => assert.fail('was answered'),
        (thrown: ServiceError) => thrown,
      );
      assert.equal(error.code, status.INVALID_ARGUMENT, error.message);
      assert.match(error.details, details);
    };
    await refused(stringTensor([Buffer.from('no picture')]), /Unknown image file format/);
    await refused(stringTensor([red.subarray(0, red.length / 2)]), /Invalid JPEG data/);
    await refused(stringTensor([red, Buffer.alloc(0)]), /empty/i);
    await refused(floatTensor([1, 2, 2, 3], new Float32Array(12)), /unexpected shape for input 'images'/);
    assert.equal((await post(http, Buffer.from('no picture'))).status, 400);
    assert.equal((await post(http, red)).status, 200);
  });
});

test('a swap keeps the doors open, and the new model answers', async (t) => {
  await withServer(t, async ({ addresses, slot }, base) => {
    await writeTinyPackage(base, { version: 2, labels: ['b', 'g', 'r'] });
    const swap = slot.aspire({ name: 'tiny', version: 2 }, 'test');
    const during = await Promise.all(Array.from({ length: 4 }, () => predict(addresses.grpc, stringTensor([red]))));
    assert.equal(during.length, 4);
    assert.equal((await swap).result, 'loaded');
    const { inferences } = (await (await post(addresses.http, red)).json()) as {
      inferences: ClassificationInference[];
    };
    assert.equal(inferences[0]!.classification.tag.value, 'r');
    assert.equal((await slot.aspire({ name: 'tiny', version: 9 }, 'test')).error?.code, 'MODEL_NOT_FOUND');
    assert.equal((await post(addresses.http, red)).status, 200);

    const client = new StockClient(Number(addresses.grpc.split(':')[1]));
    const one = { name: 'tiny', basePath: join(base, 'tiny'), modelVersionPolicy: { specific: { versions: [1] } } };
    await client.call(MODEL_SERVICE, 'HandleReloadConfigRequest', { config: { modelConfigList: { config: [one] } } });
    assert.equal(slot.current?.id.version, 1);
    const { modelVersionStatus } = await client.call(MODEL_SERVICE, 'GetModelStatus', { modelSpec: { name: 'tiny' } });
    assert.deepEqual(
      (modelVersionStatus as { version: string; state: string; status: { errorCode: string } }[]).map(
        ({ version, state, status: { errorCode } }) => `${version} ${state} ${errorCode}`,
      ),
      ['9 END NOT_FOUND', '2 END OK', '1 AVAILABLE OK'],
    );
    client.close();
  });
});

test('a model that cannot be loaded ends the start with its reason, and leaves the ports free', async (t) => {
  const base = await temporaryDirectory(t);
  const directory = await writeTinyPackage(base);
  await truncate(join(directory, 'featurizer.onnx'), 10);
  await assert.rejects(startServer(configOf('--models', base, '--model', 'tiny'), { log }), { code: 'PACKAGE_DIGEST' });
  await assert.rejects(startServer(configOf('--models', base, '--model', 'other'), { log }), {
    code: 'MODEL_NOT_FOUND',
  });
  await assert.rejects(startServer(configOf('--models', base), { log }), { code: 'CONFIG_INVALID' });
});

test('each taken port is named', async (t) => {
  await withServer(t, async ({ addresses }, base) => {
    for (const door of ['grpc', 'http', 'metrics'] as const) {
      const config = configOf('--models', base, '--model', 'tiny', `--${door}-port`, addresses[door].split(':')[1]!);
      await assert.rejects(startServer(config, { log }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'PORT_TAKEN');
        assert.ok(error.message.includes(addresses[door]), error.message);
        return true;
      });
    }
  });
});
