import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import { fakeHouse } from '../doors.fixture.js';
import { GrpcDoor } from './grpc-door.js';
import { type Json, StockClient } from './stock-client.fixture.js';

const V1 = 'grpc.reflection.v1.ServerReflection';
const METHOD = 'ServerReflectionInfo';

const house = fakeHouse();
const door = new GrpcDoor(house.context);
const client = new StockClient(await door.listen('127.0.0.1', 0));
after(async () => {
  client.close();
  await door.stop(1000);
});

/** Asks all at once, and gives the answers and the status that the call ended with. */
async function ask(service: string, ...requests: object[]): Promise<Json[]> {
  const stream = client.stream(service, METHOD);
  const ended = once(stream, 'status');
  for (const request of requests) stream.write(request);
  stream.end();
  const answers: Json[] = await stream.toArray();
  assert.equal(((await ended) as [ServiceError])[0].code, status.OK);
  return answers;
}

test('both versions of the protocol list the services', async () => {
  for (const service of [V1, 'grpc.reflection.v1alpha.ServerReflection']) {
    const [answer] = await ask(service, { listServices: '' });
    assert.deepEqual(
      (answer!.listServicesResponse as { service: { name: string }[] }).service.map(({ name }) => name),
      [
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        'tensorflow.serving.ModelService',
        'tensorflow.serving.PredictionService',
      ],
    );
  }
});

test('a symbol or a file comes with all that it imports, in answers that repeat their questions', async () => {
  const [bySymbol, byName, sharing] = await ask(
    V1,
    { host: 'h', fileContainingSymbol: 'tensorflow.serving.PredictionService' },
    { fileByFilename: 'tensorflow_serving/apis/prediction_service.proto' },
    { fileContainingSymbol: 'google.protobuf.Any' },
  );
  const files = (answer: Json | undefined) =>
    (answer!.fileDescriptorResponse as { fileDescriptorProto: string[] }).fileDescriptorProto;
  assert.deepEqual(files(byName), files(bySymbol));
  assert.ok(files(bySymbol).length > 10 && Buffer.from(files(bySymbol)[0]!, 'base64').includes('PredictionService'));
  assert.equal(files(sharing).length, 1);
  const repeated = bySymbol?.originalRequest as Json;
  assert.equal(bySymbol?.validHost, 'h');
  assert.equal(repeated.fileContainingSymbol, 'tensorflow.serving.PredictionService');
});

test('what is not there is answered within the stream, which goes on', async () => {
  const answers = await ask(
    V1,
    { fileContainingSymbol: 'tensorflow.serving.Guess' },
    { fileByFilename: '../../package.json' },
    { fileContainingExtension: { containingType: 'a.B', extensionNumber: 1 } },
    { allExtensionNumbersOfType: 'a.B' },
    { host: 'only' },
    { listServices: '*' },
  );
  assert.deepEqual(
    answers.map(({ errorResponse }) => (errorResponse as { errorCode: number } | undefined)?.errorCode),
    [status.NOT_FOUND, status.NOT_FOUND, status.NOT_FOUND, status.NOT_FOUND, status.UNIMPLEMENTED, undefined],
  );
});

test('a caller that asks and does not read is not listened to, so nothing piles up', async () => {
  const stream = client.stream(V1, METHOD);
  stream.on('error', () => {}); // cancelled below
  const question = { fileContainingSymbol: 'tensorflow.serving.PredictionService' };
  const ASKED = 100_000;
  let sent = 0;
  // The server stops reading once its answers are stuck, and then so do the windows on the way.
  const stuck = new Promise<void>((resolve) => {
    const push = () => {
      const patience = setTimeout(resolve, 500);
      while (sent < ASKED) {
        sent++;
        if (!stream.write(question)) {
          stream.once('drain', () => {
            clearTimeout(patience);
            push();
          });
          return;
        }
      }
      resolve();
    };
    push();
  });
  await stuck;
  assert.ok(sent < ASKED, 'everything was taken');
  stream.cancel();
  assert.equal((await ask(V1, { listServices: '' })).length, 1);
});

test('a body that is no question ends the call as INVALID_ARGUMENT', async () => {
  const raw = client.raw(`/${V1}/${METHOD}`);
  raw.resume();
  const [error] = (await Promise.all([once(raw, 'error'), raw.end(Buffer.from([0x22, 9]))]))[0] as [ServiceError];
  assert.equal(error.code, status.INVALID_ARGUMENT);
  assert.deepEqual(house.logged, []);
});
