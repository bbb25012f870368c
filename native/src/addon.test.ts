import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { addonFiles, loadAddon } from './addon.js';
import { probeCatapult } from './probe.js';

const loaded = loadAddon();
const skip = 'addon' in loaded ? false : 'the native addon is not built';

describe('loadAddon', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-addon-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('remembers why each file was not the one', async () => {
    const broken = join(folder, 'broken.node');
    await writeFile(broken, 'not a library');
    const load = loadAddon([join(folder, 'absent.node'), broken]);
    assert.ok('error' in load);
    const [first, second] = load.error.split('; ');
    assert.equal(first, `${join(folder, 'absent.node')}: no such file`);
    assert.match(second ?? '', /broken\.node/);
  });

  it('falls through to the next file', { skip }, () => {
    assert.ok('addon' in loadAddon([join(folder, 'absent.node'), ...addonFiles]));
  });
});

describe('the native addon', { skip }, () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'edgeslot-nodes-'));
    await mkdir(join(root, 'dev'));
    await writeFile(join(root, 'dev/catapult0'), '');
    await symlink('nowhere', join(root, 'dev/catapult1'));
    await mkdir(join(root, 'class/catapult0'), { recursive: true });
    const attributes = { function_type: 'role', shell_version: '0x10002', board_id: '0xB2', temperature: '47 C' };
    for (const [name, value] of Object.entries(attributes)) {
      await writeFile(join(root, 'class/catapult0', name), `${value}\n`);
    }
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('reports identity and the failing call of each node', async () => {
    const found = await probeCatapult({ devDir: join(root, 'dev'), sysfsDir: join(root, 'class') });
    const [file, dangling] = found.nodes;
    assert.equal(found.available, false);
    // ENOSYS is what a user-mode emulation of another processor says of an ioctl that it does not know.
    assert.match(found.reason, /catapult0: GET_DRIVER_VERSION: (ENOTTY|ENOSYS) \(/);
    assert.deepEqual(
      { ...file, error: undefined },
      {
        path: join(root, 'dev/catapult0'),
        functionType: 'role',
        shellVersion: '0x10002',
        boardId: '0xB2',
        temperature: 47,
        error: undefined,
      },
    );
    assert.match(dangling?.error ?? '', /^stat: ENOENT \(/);
  });

  it('refuses wrong arguments and rejects for a directory that cannot be listed', async () => {
    assert.ok('addon' in loaded);
    const probe = loaded.addon.probe as (options?: unknown) => Promise<unknown>;
    assert.throws(() => probe(), { name: 'TypeError', message: 'probe: expected {devDir, sysfsDir}' });
    assert.throws(() => probe({ devDir: '/dev', sysfsDir: 7 }), /sysfsDir: expected the path of a directory/);
    await assert.rejects(probe({ devDir: join(root, 'gone'), sysfsDir: '/' }), /listing .*gone: ENOENT/);
  });

  it('works in worker threads, several at once and beside the main thread', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.index).then(async ({ probeCatapult }) => parentPort.postMessage(await probeCatapult(workerData)));`;
    const workerData = {
      index: new URL('./index.js', import.meta.url).href,
      devDir: join(root, 'dev'),
      sysfsDir: join(root, 'class'),
    };
    const inWorker = () =>
      new Promise<unknown>((resolve, reject) => {
        const worker = new Worker(code, { eval: true, workerData });
        worker.once('message', resolve).once('error', reject);
      });
    const [main, ...others] = await Promise.all([probeCatapult(workerData), inWorker(), inWorker(), inWorker()]);
    for (const other of others) assert.deepEqual(other, main);
  });
});
