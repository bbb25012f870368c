import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

describe('build.mjs', () => {
  let copy: string;
  const build = (...args: string[]) =>
    spawnSync(process.execPath, [join(copy, 'build.mjs'), ...args], {
      encoding: 'utf8',
      env: { PATH: '/nowhere' },
      timeout: 60_000,
    });

  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'edgeslot-native-'));
    for (const name of ['build.mjs', 'node-headers.mjs', 'binding.gyp', 'core', 'addon', 'include', 'units']) {
      await cp(fileURLToPath(new URL(`../${name}`, import.meta.url)), join(copy, name), { recursive: true });
    }
  });
  after(() => rm(copy, { recursive: true, force: true }));

  it('is no failure where there is no compiler, and says so in one line', () => {
    const { status, stdout, stderr } = build();
    assert.equal(
      stdout,
      'native addon: not built, no C++ compiler, no make, no Python 3 found: the emulator will be used\n',
    );
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });

  it('refuses an argument it does not know', () => {
    const { status, stderr } = build('--forse');
    assert.equal(status, 2);
    assert.match(stderr, /unknown argument --forse/);
  });
});
