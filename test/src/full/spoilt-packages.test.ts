import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fuzzedPackages, fuzzPackages } from '@edgeslot/scoring/testing';

const CASES = 20_000;
const SEED = 1_000_000;

it(`${CASES} spoilt packages: each is refused with a code or scores as before`, async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'edgeslot-spoilt-'));
  try {
    const packages = await fuzzedPackages(join(base, 'sound'));
    const tally = await fuzzPackages({ seed: SEED, cases: CASES, directory: join(base, 'spoilt'), packages });
    const { refused, same, other } = tally;
    t.diagnostic(JSON.stringify({ same, other, refused }));
    assert.equal(Object.values(refused).reduce((a, b) => a + b, 0) + same + other, CASES);
  } finally {
    await rm(base, { recursive: true, force: true });
  }
});
