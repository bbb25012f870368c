import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type StartOptions, startCard, stopCard } from '@edgeslot/card';
import { ROOT } from '../support/checkout.js';

const run = promisify(execFile);
const BOUND_MS = 900_000;
const SIZES = [
  { slots: 2, bytesPerSlot: 8_192 },
  { slots: 64, bytesPerSlot: 65_536 },
  { slots: 256, bytesPerSlot: 131_072 },
];

/** The tests run without randomised addresses: ThreadSanitizer of GCC 12 wants its own. */
const BUILDS = [
  { name: 'plain', sanitize: '' },
  { name: 'under AddressSanitizer and UndefinedBehaviorSanitizer', sanitize: 'address,undefined' },
  { name: 'under ThreadSanitizer', sanitize: 'thread' },
];

for (const { name, sanitize } of BUILDS) {
  describe(`the native core, ${name}`, () => {
    let out: string;
    before(async () => {
      out = await mkdtemp(join(tmpdir(), 'edgeslot-full-core-'));
    });
    after(() => rm(out, { recursive: true, force: true }));

    async function make(folder: string, ...targets: string[]): Promise<string> {
      const words = ['-s', `-j${availableParallelism()}`, '-C', join(ROOT, 'native', folder), `SANITIZE=${sanitize}`];
      const { stdout } = await run('setarch', ['-R', 'make', ...words, ...targets], { timeout: BOUND_MS });
      return stdout;
    }

    async function checkCard(test: TestContext, options: StartOptions): Promise<void> {
      const directory = join(out, 'card');
      await startCard({ directory, ...options });
      try {
        const stdout = await make('test', `OUT=${out}`, 'card', `CARD=${directory}`);
        test.diagnostic(stdout.trim());
        assert.match(stdout, /^[1-9]\d+ checks, 0 failed$/m);
      } finally {
        // These tests end with the card's death; the next one in its place takes its mount away.
        await startCard({ directory });
        await stopCard(directory);
      }
      assert.equal(await readFile(join(directory, 'card.log'), 'utf8'), '', 'what a sanitizer finds in the card');
    }

    it('passes its tests on a scripted driver', { timeout: BOUND_MS }, async (test) => {
      const stdout = await make('test', `OUT=${out}`, 'check');
      test.diagnostic(stdout.trim());
      assert.match(stdout, /^\d{3,} checks, 0 failed$/m);
    });

    it('passes its tests on the virtual card, for each fault', { timeout: BOUND_MS }, async (test) => {
      if (sanitize !== 'address,undefined') return checkCard(test, {});
      await make('card', `OUT=${join(out, 'daemon')}`);
      await checkCard(test, { program: join(out, 'daemon', 'edgeslot-card') });
    });

    if (sanitize === '') {
      for (const sizes of SIZES) {
        it(`passes them with ${sizes.slots} slots of ${sizes.bytesPerSlot} bytes`, { timeout: BOUND_MS }, (test) =>
          checkCard(test, sizes),
        );
      }
    }
  });
}
