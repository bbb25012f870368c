import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const works = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const knowsCpp20 = (name: string) => works(name, '-std=c++20', '-fsyntax-only', '-x', 'c++', '/dev/null');
const compiler = ['g++', 'c++', 'clang++'].find(knowsCpp20);
const skip = compiler && works('make', '--version') ? false : 'no C++20 compiler or no make';

it("the native core's own tests pass", { skip, timeout: 300_000 }, async (test) => {
  const out = await mkdtemp(join(tmpdir(), 'edgeslot-core-'));
  try {
    const folder = fileURLToPath(new URL('../test', import.meta.url));
    const { stdout } = await run(
      'make',
      ['-s', '-C', folder, 'check', `OUT=${out}`, `CXX=${compiler}`, 'CXXFLAGS=-O0'],
      {
        timeout: 290_000,
      },
    );
    for (const line of stdout.trim().split('\n')) test.diagnostic(line);
    assert.match(stdout, /^\d+ checks, 0 failed$/m);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
