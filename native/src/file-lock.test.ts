import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { loadAddon } from './addon.js';
import { type FileLock, loadFileLock } from './file-lock.js';

const loaded = loadFileLock();
const skip = 'error' in loaded ? 'the native addon is not built' : false;

it('without the addon, or with one from before there were locks, there is a reason instead', () => {
  assert.deepEqual(
    loadFileLock(() => ({ error: 'none was built' })),
    { error: 'none was built' },
  );
  const old = loadFileLock(() => ({ addon: { probe: async () => [] } }));
  assert.deepEqual(old, { error: 'the addon was built before it had file locks' });
});

describe('file locks', { skip }, () => {
  const lock = loaded as FileLock;
  const open: number[] = [];
  let folder: string;
  let count = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'edgeslot-lock-'));
  });
  after(() => {
    for (const fd of open) closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const newFile = () => join(folder, `${count++}`);
  const openFile = (path: string) => {
    const fd = openSync(path, 'a+');
    open.push(fd);
    return fd;
  };

  it('one open file holds it, and holding it twice is holding it once', () => {
    const path = newFile();
    const [first, second] = [openFile(path), openFile(path)];
    assert.equal(lock.tryLock(first), true);
    assert.equal(lock.tryLock(first), true);
    assert.equal(lock.tryLock(second), false);
    lock.unlock(first);
    assert.equal(lock.tryLock(second), true);
  });

  it('a wait ends when the lock is freed, and more waits than the thread pool has threads block nothing', async () => {
    const path = newFile();
    const holder = openFile(path);
    lock.tryLock(holder);
    const waits = Array.from({ length: 8 }, () => {
      const fd = openFile(path);
      return { fd, wait: lock.waitForLock(fd) };
    });
    lock.unlock(holder);
    for (let left = waits.length; left > 0; left--) {
      const got = await Promise.race(waits.map(async (one) => (await one.wait.locked) && one));
      assert.ok(got);
      assert.equal(lock.tryLock(holder), false);
      waits.splice(waits.indexOf(got), 1);
      lock.unlock(got.fd);
    }
  });

  it('a cancelled wait says so and holds nothing', async () => {
    const path = newFile();
    const [holder, waiter] = [openFile(path), openFile(path)];
    lock.tryLock(holder);
    const wait = lock.waitForLock(waiter);
    wait.cancel();
    wait.cancel();
    assert.equal(await wait.locked, false);
    wait.cancel();
    lock.unlock(holder);
    assert.equal(lock.tryLock(holder), true);
  });

  it('the death of the holding process frees it', async (t) => {
    const path = newFile();
    const child = holdInProcess(path);
    t.after(() => child.kill('SIGKILL'));
    await once(child.stdout!, 'data');
    const fd = openFile(path);
    assert.equal(lock.tryLock(fd), false);
    const wait = lock.waitForLock(fd);
    child.kill('SIGKILL');
    assert.equal(await wait.locked, true);
  });

  it('a worker that ends while it waits leaves the lock to others', async () => {
    const path = newFile();
    const holder = openFile(path);
    lock.tryLock(holder);
    const code = `
      const { parentPort, workerData: { index, path } } = require('node:worker_threads');
      import(index).then(({ loadFileLock }) => {
        loadFileLock().waitForLock(require('node:fs').openSync(path, 'a+'));
        parentPort.postMessage('waiting');
      });`;
    const worker = new Worker(code, {
      eval: true,
      workerData: { index: new URL('./index.js', import.meta.url).href, path },
    });
    await once(worker, 'message');
    await worker.terminate();
    lock.unlock(holder);
    assert.equal(lock.tryLock(openFile(path)), true);
  });

  it('refuses what is no open file', async () => {
    const untyped = lock as unknown as Record<'tryLock' | 'unlock' | 'waitForLock', (fd?: unknown) => unknown>;
    for (const call of ['tryLock', 'unlock', 'waitForLock'] as const) {
      for (const wrong of [undefined, -1, '3']) assert.throws(() => untyped[call](wrong), TypeError);
    }
    assert.throws(() => lock.tryLock(100_000), /flock: errno 9|EBADF/);
    await assert.rejects(lock.waitForLock(100_000).locked, /flock: errno 9|EBADF/);
    const { addon } = loadAddon() as unknown as { addon: { waitForLock: (fd: number) => void } };
    assert.throws(() => addon.waitForLock(3), /expected a function to call/);
  });
});

function holdInProcess(path: string): ChildProcess {
  const code = `
    import { openSync } from 'node:fs';
    const { loadFileLock } = await import(process.argv[1]);
    loadFileLock().tryLock(openSync(process.argv[2], 'a+'));
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const index = new URL('./index.js', import.meta.url).href;
  return spawn(process.execPath, ['--input-type=module', '-e', code, index, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
