import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaseChaos } from '@edgeslot/scoring/testing';

const KILLS = 1000;
const SEED = 20_260_101;

test(`${KILLS} kills of modules that share a device, at random instants of swaps and hand-overs`, async (t) => {
  const { convergedMs, findings, left, ...counts } = await leaseChaos({ seed: SEED, kills: KILLS });
  const sorted = [...convergedMs].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)]!);
  t.diagnostic(JSON.stringify(counts));
  t.diagnostic(
    `at rest after the last mishap: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms of ${sorted.length}`,
  );
  assert.deepEqual(findings, []);
  assert.deepEqual(left, []);
  assert.ok(counts.kills.holder > KILLS / 10, 'too few holders were killed to say anything');
});
