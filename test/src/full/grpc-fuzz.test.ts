import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { ABUSES, fuzzGrpc, goodCalls, Random } from '@edgeslot/scoring/testing';
import { demoModels } from '../support/demo-models.js';
import { PredictCaller } from '../support/predict-call.js';
import { startScoringServer } from '../support/scoring-server.js';
import { residentBytes } from './support/peak-memory.js';

const SEED = 8_000_001;
const ROUNDS = 60;
const CALLS_PER_ROUND = 1000;
/** Until the heaps of the process have their sizes. */
const WARM_UP = 28;
const GROWTH = 0.03;

test(`${ROUNDS * CALLS_PER_ROUND} spoilt gRPC calls and ${ROUNDS} rounds of abuse leave a server that answers`, async (t) => {
  const models = await demoModels();
  const server = await startScoringServer(models.modelsDir, models.object.id);
  const caller = new PredictCaller(server.grpc);
  t.after(() => server.command.stop('SIGTERM'));
  t.after(() => caller.close());
  const frame = await renderFrame(SEED);
  const good = async () => [...((await caller.images(frame)).outputs.values().next().value?.floatVal ?? [])];
  const before = await good();
  assert.equal(before.length, 4);

  // A picture that is refused for its header costs no network.
  const calls = goodCalls(models.object, Buffer.from('\xff\xd8 no picture', 'latin1'));
  const random = new Random(SEED);
  const tally: Record<string, number> = {};
  const sizes: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const run = { address: server.grpc, seed: SEED + round, cases: CALLS_PER_ROUND, parallel: 16, calls };
    for (const [key, count] of Object.entries(await fuzzGrpc(run))) tally[key] = (tally[key] ?? 0) + count;
    await Promise.all(Object.values(ABUSES).map((abuse) => abuse(server.grpc, random)));
    assert.ok(server.command.running, server.command.output);
    assert.deepEqual(await good(), before, 'the next good call is answered otherwise');
    sizes.push(await residentBytes(server.command.child.pid!));
  }
  const steady = sizes.slice(WARM_UP);
  const quarter = steady.length >> 2;
  // The least of each: what a compressed bomb became may or may not be collected yet when a round ends.
  const [first, last] = [Math.min(...steady.slice(0, quarter)), Math.min(...steady.slice(-quarter))];
  t.diagnostic(JSON.stringify({ tally, rssMiB: { first: first >> 20, last: last >> 20 } }));
  assert.ok(last <= first * (1 + GROWTH), `resident memory grew from ${first} to ${last} bytes`);
  const ended = await server.command.stop('SIGTERM');
  assert.equal(ended.code, 0, ended.stderr);
  assert.doesNotMatch(ended.stdout + ended.stderr, /unhandled|uncaught|call failed/i);
});
