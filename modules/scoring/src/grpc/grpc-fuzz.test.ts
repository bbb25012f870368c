import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fakeHouse, model } from '../doors.fixture.js';
import { scoringError } from '../errors.js';
import { ABUSES } from '../testing/abuse-http2.js';
import { goodCalls } from '../testing/grpc-calls.js';
import { fuzzGrpc } from '../testing/grpc-fuzz.js';
import { Random } from '../testing/random.js';
import { GrpcDoor } from './grpc-door.js';

/** The counts are in the full tests. */
const CASES = 500;
const SEED = 8_000_000;

const house = fakeHouse();
house.aspire = async ({ name, version = 3 }) => {
  const known = name === model.id.name && version === model.id.version;
  const { code, message: text } = scoringError('MODEL_NOT_FOUND', name, '/models', 'belt-object:3');
  return {
    ...{ id: 1, to: `${name}:${version}`, requestedBy: 'rpc', durations: {}, at: '2026-01-01T00:00:00Z' },
    ...(known ? { result: 'unchanged' } : { result: 'failed', error: { code, text } }),
  };
};
const door = new GrpcDoor(house.context);
const address = `127.0.0.1:${await door.listen('127.0.0.1', 0)}`;
after(() => door.stop(100));
const calls = goodCalls(model.id, Buffer.from('\xff\xd8 picture', 'latin1'));

test('spoilt calls of every method are answered with the caller’s faults, never with ours', async () => {
  const tally = await fuzzGrpc({ address, seed: SEED, cases: CASES, parallel: 16, calls });
  const counted = (word: string) =>
    Object.entries(tally).reduce((sum, [key, count]) => sum + (key.includes(word) ? count : 0), 0);
  assert.equal(counted(''), CASES);
  for (const word of ['Predict OK', 'Predict INVALID', 'Reload', 'GetModelStatus', 'Metadata', 'Check', 'Classify']) {
    assert.ok(counted(word) > 0, `nothing was ${word}: ${JSON.stringify(tally)}`);
  }
  assert.deepEqual(house.logged, []);
});

test('callers that misbehave below protobuf leave the door as it was', async () => {
  const random = new Random(SEED);
  await Promise.all(Object.values(ABUSES).map((abuse) => abuse(address, random)));
  const good = { address, seed: 1, cases: 20, parallel: 1, calls: calls.slice(0, 1) };
  await fuzzGrpc(good);
  assert.deepEqual(house.logged, []);
});
