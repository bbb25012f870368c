import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '@edgeslot/edge-module/log';
import {
  decodePredictResponse,
  encodePredictRequest,
  floatValues,
  type PredictResponse,
  predictServerMethod,
  stringTensor,
} from '@edgeslot/tensorflow-serving';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import sharp from 'sharp';
import { loadConfig } from './config/index.js';
import { startServer } from './serve.js';
import { SSD_OUTPUTS, writeSsdPackage } from './testing/ssd-package.js';
import { temporaryDirectory } from './testing/tiny-package.js';

const red = await sharp({ create: { width: 90, height: 60, channels: 3, background: '#d01010' } })
  .jpeg()
  .toBuffer();
const ports = ['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0', '--device', 'emulator'];

function predict(address: string, input: string, outputFilter: string[] = [], images = 1): Promise<PredictResponse> {
  const client = new Client(address, credentials.createInsecure());
  const pictures = Array.from({ length: images }, () => red);
  const body = encodePredictRequest({ inputs: new Map([[input, stringTensor(pictures)]]), outputFilter });
  return new Promise((resolve, reject) => {
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

test('a detector: twelve outputs under tensor names, aliases and the names asked for; no wrong answer over HTTP', async (t) => {
  const base = await temporaryDirectory(t);
  await writeSsdPackage(base, { name: 'detector' });
  const config = loadConfig({ env: {}, argv: [...ports, '--models', base, '--model', 'detector'] });
  const server = await startServer(config, { log: createLog({ write: () => {} }), print: () => {} });
  t.after(() => server.stop());
  const { grpc, http } = server.addresses;
  const names = SSD_OUTPUTS.map(({ name }) => name);
  const aliases = names.map((name) => name.slice(0, -2));

  const byTensor = await predict(grpc, 'Placeholder:0');
  assert.deepEqual([...byTensor.outputs.keys()], names);
  for (const { name, shape } of SSD_OUTPUTS) {
    const tensor = byTensor.outputs.get(name)!;
    assert.deepEqual(tensor.shape, [1, ...shape.slice(1)]);
    const values = floatValues(tensor, 1 << 20);
    assert.ok(values.length * 4 <= 65_536 ? tensor.floatVal?.length : tensor.tensorContent?.length, name);
    assert.ok(values.every((value) => value === values[0] && value !== 0));
  }
  const bytes = SSD_OUTPUTS.map(({ shape }) => 4 * shape.slice(1).reduce((a, b) => a * b, 1));
  assert.equal(
    bytes.reduce((a, b) => a + b),
    843_200,
  );
  assert.deepEqual([...(await predict(grpc, 'images')).outputs.keys()], aliases);
  const asked = [`import/${names[7]}`, aliases[2]!, names[0]!];
  const filtered = await predict(grpc, 'images', asked, 3);
  assert.deepEqual([...filtered.outputs.keys()], asked);
  assert.deepEqual(filtered.outputs.get(asked[1]!)!.shape, [3, 10, 10, 6, 21]);
  await assert.rejects(predict(grpc, 'images', ['output_alias']), (error: ServiceError) => {
    assert.match(error.details, /^output tensor alias not found in signature: output_alias/);
    return true;
  });

  for (let frame = 0; frame < 2; frame++) {
    const headers = { 'content-type': 'image/jpeg' };
    const response = await fetch(`http://${http}/score?camera=c`, { method: 'POST', body: red, headers });
    assert.equal(response.status, 501);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    assert.equal(error.code, 'DETECTIONS_UNAVAILABLE');
    assert.match(error.message, /^model detector:1 detects objects: .* not available over this door yet; gRPC Predict/);
  }
});
