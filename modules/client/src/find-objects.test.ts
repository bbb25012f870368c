import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { anchorsPerCell, SSD_VGG_300 } from '@edgeslot/detection';
import { floatTensor, predictServerMethod, type TensorProto } from '@edgeslot/tensorflow-serving';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { findObjects, PredictionClient } from './index.js';

const CLASSES = 3;
/** The twelve outputs for `batch` pictures; the last of them shows class 2 in the one anchor in the middle of the picture. */
function outputs(batch: number): Map<string, { shape: number[]; data: Float32Array }> {
  const map = (last: number) =>
    SSD_VGG_300.maps.map((layout, index) => {
      const shape = [batch, layout.size, layout.size, anchorsPerCell(layout), last];
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (index === 5 && last === CLASSES) data[data.length - 4 * CLASSES + 2] = 8;
      return [`block${index}/${last}:0`, { shape, data }] as const;
    });
  return new Map([...map(CLASSES), ...map(4)]);
}

let reply: ReadonlyMap<string, TensorProto> = new Map();
const server = new Server();
server.addService(
  { Predict: predictServerMethod },
  {
    Predict: (_call: ServerUnaryCall<unknown, unknown>, callback: sendUnaryData<unknown>) =>
      callback(null, { outputs: reply, modelSpec: { name: 'parts', version: 2, signatureName: 'serving_default' } }),
  },
);
const port = await new Promise<number>((resolve, reject) =>
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
    error ? reject(error) : resolve(bound),
  ),
);
const client = new PredictionClient({ address: `127.0.0.1:${port}`, retryDelaysMs: [] });
after(() => {
  client.close();
  server.forceShutdown();
});

test('a detector’s twelve tensors become objects, with labels where there are some', async () => {
  reply = new Map(
    [...outputs(1)].map(([name, { shape, data }]) => [name, floatTensor(shape, data, 'tensor_content')] as const),
  );
  const { model, objects } = await client.detectImage(Buffer.from('picture'), { labels: ['none', 'nut', 'bolt'] });
  assert.deepEqual(model, { name: 'parts', version: 2 });
  assert.equal(objects.length, 1);
  const [{ label, classId, confidence, box }] = objects as [(typeof objects)[number]];
  assert.deepEqual([label, classId], ['bolt', 2]);
  assert.ok(Math.abs(confidence - Math.exp(8) / (Math.exp(8) + 2)) < 1e-6);
  assert.ok(Math.abs(box.left - 0.065) < 1e-6 && Math.abs(box.bottom - 0.935) < 1e-6);
  assert.deepEqual((await client.detectImage(Buffer.from('picture'), { threshold: 0.9999 })).objects, []);
  await assert.rejects(client.detectImage(Buffer.from('picture'), { threshold: 2 }), /threshold: expected a number/);
});

test('a picture of a batch is asked for by its row', () => {
  const two = outputs(2);
  assert.deepEqual(findObjects(two), []);
  assert.equal(findObjects(two, { row: 1 })![0]!.label, 'class 2');
  assert.equal(findObjects(two, { row: 2 }), undefined);
});

test('what is no detector is said to be none', async () => {
  assert.equal(findObjects(new Map([['Softmax:0', { shape: [1, 3], data: new Float32Array(3) }]])), undefined);
  reply = new Map([['Softmax:0', floatTensor([1, 3], new Float32Array(3))]]);
  await assert.rejects(client.detectImage(Buffer.from('picture')), {
    name: 'TypeError',
    message: 'parts:2 is no SSD-VGG-300 detector; it answered Softmax:0',
  });
});
