import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CardError, startCard, stopCard, whyNotHere } from '@edgeslot/card';

const run = promisify(execFile);
const works = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const knowsCpp20 = (name: string) => works(name, '-std=c++20', '-fsyntax-only', '-x', 'c++', '/dev/null');
const compiler = ['g++', 'c++', 'clang++'].find(knowsCpp20);
const skip = compiler && works('make', '--version') ? false : 'no C++20 compiler or no make';
const folder = fileURLToPath(new URL('../test', import.meta.url));

describe("the native core's own tests", { skip }, () => {
  let out: string;
  before(async () => {
    out = await mkdtemp(join(tmpdir(), 'edgeslot-core-'));
  });
  after(() => rm(out, { recursive: true, force: true }));

  async function make(test: TestContext, ...words: string[]): Promise<void> {
    const args = ['-s', '-C', folder, `OUT=${out}`, `CXX=${compiler}`, 'CXXFLAGS=-O0', ...words];
    const { stdout } = await run('make', args, { timeout: 290_000 });
    for (const line of stdout.trim().split('\n')) test.diagnostic(line);
    assert.match(stdout, /^\d+ checks, 0 failed$/m);
  }

  it('pass on a scripted driver', { timeout: 300_000 }, (test) => make(test, 'check'));

  it('pass on the virtual card, for each of its faults', {
    skip: whyNotHere() ?? false,
    timeout: 300_000,
  }, async (test) => {
    const directory = join(out, 'card');
    try {
      await startCard({ directory });
    } catch (error) {
      // Some sandboxes show only then that they let nobody mount; whatever else fails is a failure.
      if (!(error instanceof CardError) || !error.message.startsWith('the virtual card needs')) throw error;
      return test.skip(error.message);
    }
    try {
      await make(test, 'card', `CARD=${directory}`);
    } finally {
      // The last of these tests kills it; the next one in its place takes its mount away.
      await startCard({ directory }).catch(() => undefined);
      await stopCard(directory);
    }
  });
});
