import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import { fakeHouse } from '../doors.fixture.js';
import { GrpcDoor } from './grpc-door.js';
import { type Json, refusal, StockClient } from './stock-client.fixture.js';

const HEALTH = 'grpc.health.v1.Health';
const SERVICES = [
  '',
  'PredictionService',
  'tensorflow.serving.PredictionService',
  'ModelService',
  'tensorflow.serving.ModelService',
];
const since = '2026-01-01T00:00:00Z';

const house = fakeHouse();
const door = new GrpcDoor(house.context);
const client = new StockClient(await door.listen('127.0.0.1', 0));
after(async () => {
  client.close();
  await door.stop(1000);
});

const check = (service: string) => client.call(HEALTH, 'Check', { service });
const watch = (service: string, by = client): ClientDuplexStream<object, Json> => {
  const stream = by.stream(HEALTH, 'Watch');
  stream.on('error', () => {}); // cancelled by the test
  stream.end({ service });
  return stream;
};
const next = async (stream: ClientDuplexStream<object, Json>) => ((await once(stream, 'data')) as [Json])[0].status;

test('every service is known with its package and without, and the server as a whole', async () => {
  for (const service of SERVICES) assert.deepEqual(await check(service), { status: 'SERVING' });
  const { statuses } = await client.call(HEALTH, 'List', {});
  assert.deepEqual(statuses, Object.fromEntries(SERVICES.map((name) => [name, { status: 'SERVING' }])));
  const error = await refusal(check('tensorflow.serving.Guess'));
  assert.equal(error.code, status.NOT_FOUND);
  assert.match(error.details, /^Health status unknown for service tensorflow.serving.Guess; expected none, or Pred/);
});

test('a body that is no request is INVALID_ARGUMENT', async () => {
  for (const name of ['Check', 'List']) {
    const error = await refusal(client.send(HEALTH, name, Buffer.from([0x0a, 9])));
    assert.equal(error.code, status.INVALID_ARGUMENT);
  }
});

test('a watch hears the status now and each change, and one of an unknown service waits', async () => {
  const known = watch('PredictionService');
  const unknown = watch('tensorflow.serving.Guess');
  assert.equal(await next(known), 'SERVING');
  assert.equal(await next(unknown), 'SERVICE_UNKNOWN');
  const changed = next(known);
  house.show({ state: 'END', since });
  assert.equal(await changed, 'NOT_SERVING');
  assert.deepEqual(await check(''), { status: 'NOT_SERVING' });
  const back = next(known);
  house.show({ state: 'AVAILABLE', since });
  assert.equal(await back, 'SERVING');
  known.cancel();
  unknown.cancel();
});

test('no more than so many watches are open, over all connections', async () => {
  const clients = [1, 2].map(() => new StockClient(client.port));
  const streams = clients.flatMap((by) => Array.from({ length: 100 }, () => by.stream(HEALTH, 'Watch')));
  const ends = streams.map(
    (stream) =>
      new Promise<string>((resolve) => {
        stream.once('data', () => resolve('open')).once('error', ({ code }: ServiceError) => resolve(status[code]));
        stream.end({ service: '' });
      }),
  );
  const answers = await Promise.all(ends);
  assert.equal(answers.filter((one) => one === 'open').length, 128);
  assert.equal(answers.filter((one) => one === 'RESOURCE_EXHAUSTED').length, 72);
  for (const stream of streams) stream.on('error', () => {}).cancel();
  // What they leave is free again, as soon as the server has heard of it.
  let answer = '';
  while (answer !== 'SERVING') {
    const again = client.stream(HEALTH, 'Watch');
    answer = await new Promise<string>((resolve) => {
      again.once('data', (reply: Json) => resolve(String(reply.status))).on('error', () => resolve('refused'));
      again.end({ service: '' });
    });
    again.cancel();
  }
  for (const one of clients) one.close();
});

test('a stop does not wait for watches: their last word is NOT_SERVING', async () => {
  const last = new GrpcDoor(house.context);
  const caller = new StockClient(await last.listen('127.0.0.1', 0));
  const stream = watch('', caller);
  const heard: unknown[] = [];
  stream.on('data', (reply: Json) => heard.push(reply.status));
  await once(stream, 'data');
  const [, [ended]] = await Promise.all([last.stop(60_000), once(stream, 'status')]);
  assert.deepEqual(heard, ['SERVING', 'NOT_SERVING']);
  assert.equal((ended as ServiceError).code, status.OK);
  caller.close();
});
