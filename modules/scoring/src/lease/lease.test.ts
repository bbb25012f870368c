import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { scoringError } from '../errors.js';
import { type FakeModule, fileLock, noLocks, shareDevice, until } from './lease.fixture.js';
import { readLeaseRecord } from './lease-file.js';
import { encodeRecord } from './lease-record.js';

const states = ({ lease }: FakeModule) => lease.status.state;

describe('a lease', { skip: noLocks, timeout: 60_000 }, () => {
  test('the first to want it has it, with an epoch, and says so in the file', async (t) => {
    const { module, directory } = await shareDevice(t);
    const a = module('a');
    assert.equal(states(a), 'none');
    await a.load();
    await a.load();
    assert.equal(a.lease.epoch, 1);
    await until(() => a.lease.status.holder?.model === 'm:1');
    const { holder, ...record } = (await readLeaseRecord(join(directory, 'emulator.lease')))!;
    assert.deepEqual(record, { revision: 2, epoch: 1 });
    assert.equal(holder?.module, 'a');
    assert.equal(holder?.pid, process.pid);
    assert.equal(a.lease.status.text, 'the lease of emulator is held, epoch 1');
  });

  test('the newest starter asks for it and gets it; the other waits until it is free, and then serves again', async (t) => {
    const { module, device, directory } = await shareDevice(t);
    const [a, b] = [module('a'), module('b')];
    await a.load();
    await b.load();
    assert.deepEqual(device.log, ['a uses', 'a leaves', 'b uses']);
    assert.equal(
      a.yielded[0]?.message,
      'emulator was handed over to module b, which asked for it; the model is loaded again when emulator is free, or when a model is asked for here',
    );
    assert.equal(a.yielded[0]?.code, 'LEASE_HANDED_OVER');
    await until(() => a.lease.status.holder?.module === 'b');
    assert.equal(states(a), 'handed-over');
    assert.deepEqual([a.lease.epoch, b.lease.epoch], [1, 2]);

    await b.close();
    await until(() => device.user === 'a');
    assert.equal(a.lease.epoch, 3);
    await a.close();
    assert.deepEqual(await readdir(directory), ['emulator.lease']);
  });

  test('nothing is stolen back, but its own new wish asks again', async (t) => {
    const { module, device } = await shareDevice(t);
    const [a, b] = [module('a'), module('b')];
    await a.load();
    await b.load();
    await until(() => states(a) === 'handed-over');
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(device.user, 'b');
    await a.load();
    assert.deepEqual(device.log, ['a uses', 'a leaves', 'b uses', 'b leaves', 'a uses']);
  });

  test('three who start at once: all had their turn or were asked to wait, and one holds it', async (t) => {
    const { module, device } = await shareDevice(t);
    const modules = ['a', 'b', 'c'].map((name) => module(name));
    await Promise.all(modules.map((one) => one.load()));
    await until(() => modules.filter((one) => states(one) === 'handed-over').length === 2);
    const holder = modules.find((one) => states(one) === 'held');
    assert.equal(device.user, holder?.name);
    assert.equal(Math.max(...modules.map((one) => one.lease.epoch)), holder?.lease.epoch);
  });

  test('the lock is not given up before the device is empty, however long that takes', async (t) => {
    const { module, device } = await shareDevice(t);
    const [a, b] = [module('a'), module('b', { times: { deadline: 150 } })];
    await a.load();
    let empty = () => {};
    a.onYield = () =>
      new Promise((resolve) => {
        empty = resolve;
      });
    await assert.rejects(b.load(), { code: 'LEASE_BUSY', message: /held by module a \(process \d+\) since / });
    await until(() => b.lease.status.text.endsWith(', which has not given it up yet'));
    assert.equal(device.user, 'a');
    assert.equal(states(a), 'handing-over');
    assert.equal(states(b), 'busy');
    assert.equal(b.lease.status.holder?.module, 'a');
    empty();
    await until(() => states(b) === 'held');
  });

  test('a holder that does not answer is told of, with since when, and nothing is broken', async (t) => {
    const { module, directory, device } = await shareDevice(t, { times: { deadline: 150 } });
    const a = module('a');
    // Held by somebody who never opened a socket, as a process that is stopped.
    const fd = openSync(join(directory, 'emulator.lease'), 'a+');
    assert.equal(fileLock.tryLock(fd), true);
    await assert.rejects(a.load(), { code: 'LEASE_BUSY', message: /held by another module, which does not answer/ });
    assert.match(a.logged.join(''), /WRN.* the lease of emulator is held by another module, which does not answer/);
    assert.equal(fileLock.tryLock(fd), true);
    assert.equal(device.user, undefined);
    closeSync(fd);
    await until(() => states(a) === 'held');
  });

  test('a holder that refuses, or talks nonsense, is waited for', async (t) => {
    const { module, directory } = await shareDevice(t, { times: { deadline: 100, answer: 20, again: [1, 10] } });
    const a = module('a');
    const fd = openSync(join(directory, 'emulator.lease'), 'a+');
    fileLock.tryLock(fd);
    const answers = [
      '{"answer":"DENY","reason":"calibration"}\n',
      'nonsense\n',
      `${'x'.repeat(5000)}`,
      '{"answer":"GRANT_IN","ms":-1}\n',
    ];
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.write(answers.shift() ?? '{"answer":"DENY","reason":"calibration"}\n');
    }).listen(join(directory, 'emulator.sock'));
    await once(server, 'listening');
    await assert.rejects(a.load(), { code: 'LEASE_BUSY' });
    await until(() => a.lease.status.text.endsWith(', which answers: calibration'));
    server.close();
    closeSync(fd);
    await until(() => states(a) === 'held');
  });

  test('a wish that is superseded while it waits does not wait on', async (t) => {
    const { module, directory } = await shareDevice(t);
    const a = module('a');
    const fd = openSync(join(directory, 'emulator.lease'), 'a+');
    fileLock.tryLock(fd);
    const abort = new AbortController();
    const loading = a.load(abort.signal);
    abort.abort(scoringError('STOPPING'));
    await assert.rejects(loading, { code: 'STOPPING' });
    closeSync(fd);
  });

  test('who can load nothing gives the device back to who waits, and does not ask for it again', async (t) => {
    const { module, device } = await shareDevice(t);
    const [a, b] = [module('a'), module('b')];
    await a.load();
    await b.load();
    // On a busy machine its rest may end before the other one has woken: then it fails once more.
    b.fails = scoringError('PACKAGE_GRAPH', 'classifier.onnx', 'graph', 'one that runs', 'none');
    b.show('END', b.fails);
    await until(() => device.user === 'a');
    b.fails = undefined;
    assert.equal(b.yielded[0]?.code, 'PACKAGE_GRAPH');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(device.user, 'a');
    await a.close();
    await until(() => device.user === 'b');
  });

  test('a reservation whose owner never comes is respected once, then not', async (t) => {
    const { module, directory } = await shareDevice(t);
    const [a, b] = [module('a'), module('b')];
    const reserved = { instance: 'somebody who died', epoch: 7 };
    await writeFile(join(directory, 'emulator.lease'), encodeRecord({ revision: 2, epoch: 7, reserved }));
    await a.load();
    assert.equal(a.lease.epoch, 8);
    await b.load();
    assert.equal(b.lease.epoch, 9);
  });

  test('a lock file that is deleted under its holder makes it let go and take the new one', async (t) => {
    const { module, directory, device } = await shareDevice(t);
    const a = module('a');
    await a.load();
    await rm(join(directory, 'emulator.lease'));
    await until(() => a.yielded.length === 1);
    assert.match(a.yielded[0]!.message, /the lock file was deleted or replaced while it was held/);
    await until(() => device.log.length === 3 && states(a) === 'held');
    assert.deepEqual(device.log, ['a uses', 'a leaves', 'a uses']);
  });

  test('a lock file that is replaced under a waiter is left for the new one', async (t) => {
    const { module, directory } = await shareDevice(t, { times: { deadline: 150 } });
    const a = module('a');
    const path = join(directory, 'emulator.lease');
    const old = openSync(path, 'a+');
    fileLock.tryLock(old);
    await assert.rejects(a.load(), { code: 'LEASE_BUSY' });
    await rename(path, `${path}.old`);
    await until(() => states(a) === 'held');
    assert.equal(fileLock.tryLock(old), true);
    closeSync(old);
  });

  test('a directory that is not there is told with what to do, and used once it is', async (t) => {
    const { module, directory } = await shareDevice(t);
    const missing = join(directory, 'later');
    const a = module('a', { directory: missing });
    await assert.rejects(a.load(), (error: Error & { code: string }) => {
      assert.equal(error.code, 'LEASE_UNAVAILABLE');
      assert.match(
        error.message,
        /^LEASE_DIR \(--lease\) is .*later: there is no such directory; make it, or in a container bind one of the host/,
      );
      return true;
    });
    assert.equal(states(a), 'unavailable');
    await mkdir(missing);
    await until(() => states(a) === 'held');
  });

  test('a directory whose path is too long for a socket is used all the same', async (t) => {
    const { module, directory } = await shareDevice(t);
    const deep = join(directory, 'd'.repeat(120));
    await mkdir(deep);
    const [a, b] = [module('a', { directory: deep }), module('b', { directory: deep })];
    await a.load();
    await b.load();
    assert.equal(b.lease.epoch, 2);
  });

  test('an epoch that cannot be written is no lease', async (t) => {
    const { module, directory } = await shareDevice(t);
    const a = module('a');
    // Nothing can listen there, so taking fails after the lock was won.
    await mkdir(join(directory, 'emulator.sock'));
    await assert.rejects(a.load(), { code: 'LEASE_UNAVAILABLE' });
    assert.notEqual(states(a), 'held');
    await rm(join(directory, 'emulator.sock'), { recursive: true });
    await until(() => states(a) === 'held');
  });

  test('closing while it waits, and closing twice, leaves nothing behind', async (t) => {
    const { module } = await shareDevice(t);
    const [a, b] = [module('a'), module('b')];
    await a.load();
    a.onYield = () => new Promise((resolve) => setTimeout(resolve, 50));
    const loading = assert.rejects(b.load(), { code: 'STOPPING' });
    await b.close();
    await b.close();
    await loading;
  });
});

test('without the addon nothing is pretended', async (t) => {
  const { module, device } = await shareDevice(t, { locks: { error: 'no such file' } });
  const a = module('a');
  await assert.rejects(a.load(), {
    code: 'LEASE_UNAVAILABLE',
    message: /the native addon, which takes the lock, cannot be loaded \(no such file\): install a C\+\+ compiler/,
  });
  assert.equal(device.user, undefined);
});
