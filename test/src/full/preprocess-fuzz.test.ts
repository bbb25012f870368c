import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FuzzReport, fuzzPictures } from '@edgeslot/scoring/testing';

const CASES = 60_000;
const SEED = 2_000_000;
/** Until the heaps of the process have their sizes. */
const WARM_UP = 20_000;
const GROWTH = 0.03;

test(`${CASES} spoilt pictures: decoded or refused by a code, no crash, no hang, no memory growth`, async (t) => {
  const reports = await fuzzPictures({ seed: SEED, cases: CASES });
  const { done, decoded, refused } = reports.at(-1)!;
  assert.equal(done, CASES);
  assert.equal(decoded + Object.values(refused).reduce((a, b) => a + b, 0), CASES);
  const steady = reports.filter(({ done }) => done > WARM_UP);
  const quarter = Math.floor(steady.length / 4);
  const [before, after] = [median(steady.slice(0, quarter)), median(steady.slice(-quarter))];
  t.diagnostic(JSON.stringify({ decoded, refused, rssMiB: { before: before >> 20, after: after >> 20 } }));
  assert.ok(after <= before * (1 + GROWTH), `resident memory grew from ${before} to ${after} bytes`);
});

function median(reports: readonly FuzzReport[]): number {
  const sizes = reports.map(({ rss }) => rss).sort((a, b) => a - b);
  return sizes[sizes.length >> 1]!;
}
