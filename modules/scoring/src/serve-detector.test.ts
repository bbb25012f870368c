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
import type { ScoredFrame } from './camera-frame.js';
import { loadConfig } from './config/index.js';
import type { EntityInference } from './http/inferences.js';
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

test('a detector: twelve outputs under tensor names, aliases and the names asked for', async (t) => {
  const base = await temporaryDirectory(t);
  await writeSsdPackage(base, { name: 'detector' });
  const config = loadConfig({ env: {}, argv: [...ports, '--models', base, '--model', 'detector'] });
  const server = await startServer(config, { log: createLog({ write: () => {} }), print: () => {} });
  t.after(() => server.stop());
  const { grpc } = server.addresses;
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
});

/** Two objects: an anchor of the middle of the third map, and the whole-picture anchor. */
const OBJECTS = [
  { map: 2, anchor: (5 * 10 + 4) * 6, classId: 15, score: 9 },
  { map: 5, anchor: 0, classId: 7, score: 5 },
] as const;

async function postTo(http: string, body: Uint8Array): Promise<Response> {
  return await fetch(`http://${http}/score?camera=c`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'image/jpeg' },
  });
}

async function entities(http: string, body: Uint8Array): Promise<EntityInference[]> {
  const response = await postTo(http, body);
  assert.equal(response.status, 200);
  return ((await response.json()) as { inferences: EntityInference[] }).inferences;
}

function near(box: EntityInference['entity']['box'], expected: readonly [l: number, t: number, w: number, h: number]) {
  for (const [index, value] of [box.l, box.t, box.w, box.h].entries()) {
    assert.ok(Math.abs(value - expected[index]!) < 2e-6, `${JSON.stringify(box)}: ${value} is not ${expected[index]}`);
  }
}

test('a detector’s objects over HTTP: entities with boxes of the picture as sent, thresholds of the twin, 204 for none', async (t) => {
  const base = await temporaryDirectory(t);
  await writeSsdPackage(base, { name: 'detector', objects: OBJECTS });
  const config = loadConfig({ env: {}, argv: [...ports, '--models', base, '--model', 'detector'] });
  const server = await startServer(config, { log: createLog({ write: () => {} }), print: () => {} });
  t.after(() => server.stop());
  const { http } = server.addresses;
  const frames: ScoredFrame[] = [];
  server.onFrame((frame) => 'inferences' in frame && frames.push(frame));

  const [person, car, ...more] = await entities(http, red);
  assert.deepEqual(more, []);
  assert.equal(person!.type, 'entity');
  assert.equal(person!.subtype, 'objectDetection');
  const { tag, attributes, box } = person!.entity;
  assert.equal(tag.value, 'class 15');
  assert.ok(Math.abs(tag.confidence - Math.exp(9) / (Math.exp(9) + 20)) < 1e-6);
  assert.deepEqual(attributes, [{ name: 'classId', value: '15' }]);
  near(box, [(4.5 * 32) / 300 - 0.165, (5.5 * 32) / 300 - 0.165, 0.33, 0.33]);
  assert.equal(person!.extensions.model, 'detector:1');
  assert.equal(car!.entity.tag.value, 'class 7');
  near(car!.entity.box, [0.065, 0.065, 0.87, 0.87]);
  assert.deepEqual(frames[0]!.inferences, [person, car]);

  const { cameras } = server.settings;
  server.settings.apply('cameras', { ...cameras, topK: 1, detectionThreshold: 0.99 });
  assert.equal((await entities(http, red)).length, 1);
  server.settings.apply('cameras', { ...cameras, topK: 1, detectionThreshold: 0 });
  assert.equal((await entities(http, red)).length, 2, 'the number of classes does not limit objects');
  server.settings.apply('cameras', { ...cameras, minConfidence: 0.99 });
  assert.equal((await entities(http, red)).length, 1);
  server.settings.apply('cameras', { ...cameras, detectionThreshold: 1 });
  assert.equal((await postTo(http, red)).status, 204);
  assert.deepEqual(frames.at(-1)!.inferences, []);
  assert.equal((await postTo(http, Buffer.from('no picture'))).status, 400);
});

test('boxes of a recipe that cuts a part out are told of the whole picture', async (t) => {
  const base = await temporaryDirectory(t);
  await writeSsdPackage(base, {
    objects: OBJECTS,
    resize: { mode: 'aspect-crop', shortSide: 300, height: 300, width: 300 },
  });
  const config = loadConfig({ env: {}, argv: [...ports, '--models', base, '--model', 'tiny'] });
  const server = await startServer(config, { log: createLog({ write: () => {} }), print: () => {} });
  t.after(() => server.stop());
  // 90 x 60 becomes 450 x 300, of which the columns 75 to 375 are seen.
  const [person, car] = await entities(server.addresses.http, red);
  near(person!.entity.box, [(75 + 4.5 * 32 - 49.5) / 450, (5.5 * 32) / 300 - 0.165, 99 / 450, 0.33]);
  near(car!.entity.box, [(75 + 19.5) / 450, 0.065, 261 / 450, 0.87]);
});
