import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fuzzedPackages } from '../testing/fuzzed-packages.js';
import { fuzzPackages } from '../testing/package-fuzz.js';
import { temporaryDirectory } from '../testing/tiny-package.js';

test('300 spoilt packages: each is refused with a code or scores as before', async (t) => {
  const base = await temporaryDirectory(t);
  const packages = await fuzzedPackages(join(base, 'sound'));
  const { refused, same } = await fuzzPackages({ seed: 4, cases: 300, directory: join(base, 'spoilt'), packages });
  t.diagnostic(JSON.stringify({ refused, same }));
  assert.ok(same > 0);
  assert.ok(Object.keys(refused).length >= 6, Object.keys(refused).join(', '));
});
