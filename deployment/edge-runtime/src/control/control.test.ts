import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectControl } from './client.js';
import type { RuntimeEvent, RuntimeStatus, Twin } from './control-api.js';
import { ControlError, NoRuntimeError } from './control-error.js';
import { type ControlHandlers, type ControlServer, startControlServer } from './control-server.js';
import { acquireStateDir, findRuntime, RuntimeRunningError } from './state-lock.js';

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(path.join(tmpdir(), 'edgeslot-control-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

describe('the lock of a state directory', () => {
  it('has one holder, and is taken over from a dead one', async () => {
    const lock = await acquireStateDir(stateDir);
    await assert.rejects(acquireStateDir(stateDir), RuntimeRunningError);
    await lock.release();
    assert.equal(await findRuntime(stateDir), undefined);
    const file = path.join(stateDir, 'runtime.lock');
    for (const stale of [
      '',
      '{"pid":1',
      JSON.stringify({ ...lock.runtime, pid: 2 ** 22 + 1 }),
      JSON.stringify({ ...lock.runtime, startTime: 'another' }),
    ]) {
      await writeFile(file, stale);
      await (await acquireStateDir(stateDir)).release();
    }
  });

  it('goes to one of many that want it at once', async () => {
    for (let round = 0; round < 40; round++) {
      await writeFile(path.join(stateDir, 'runtime.lock'), `stale ${round}`);
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireStateDir(stateDir)));
      const taken = results.filter((one) => one.status === 'fulfilled');
      assert.equal(taken.length, 1);
      for (const one of results) if (one.status === 'rejected') assert.ok(one.reason instanceof RuntimeRunningError);
      assert.deepEqual(await readdir(stateDir), ['runtime.lock']);
      await taken[0]!.value.release();
    }
  });

  it('goes on to the next when a successor dies before it has taken over', async () => {
    const lock = path.join(stateDir, 'runtime.lock');
    await writeFile(lock, 'stale');
    const hash = createHash('sha256').update('stale').digest('hex').slice(0, 16);
    await writeFile(`${lock}.after-${hash}`, 'died too');
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireStateDir(stateDir)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(await readdir(stateDir), ['runtime.lock']);
  });
});

describe('the control API', () => {
  const calls: unknown[][] = [];
  const status = { modules: [] } as unknown as RuntimeStatus;
  const twin = { moduleId: 'm' } as unknown as Twin;
  const handlers: ControlHandlers = {
    status: async () => status,
    deploy: async (...all) => {
      calls.push(all);
      return { version: 1, status: { code: 200, description: '' } };
    },
    twin: (module) => {
      if (module !== 'm/1') throw new ControlError(404, 'MODULE_UNKNOWN', `no ${module}`);
      return twin;
    },
    patchTwin: (...all) => {
      calls.push(all);
      return twin;
    },
    method: async (...all) => {
      calls.push(all);
      return { status: 200, payload: { ok: true } };
    },
    restart: async (...all) => void calls.push(all),
    sendMessage: (...all) => void calls.push(all),
    stop: (reason) => void calls.push([reason]),
  };
  let server: ControlServer;
  let release = async () => {};
  let socketPath = '';

  beforeEach(async () => {
    calls.length = 0;
    const lock = await acquireStateDir(stateDir);
    socketPath = path.join(stateDir, 'control.sock');
    await writeFile(path.join(stateDir, 'runtime.lock'), JSON.stringify({ ...lock.runtime, socketPath }));
    await writeFile(socketPath, 'left behind by a dead runtime');
    server = await startControlServer(socketPath, handlers);
    release = lock.release;
  });
  afterEach(async () => {
    await server.close();
    await release();
  });

  it('waits for a runtime that just starts, and no longer than that lives', async () => {
    await server.close();
    const early = connectControl(stateDir).then((control) => control.status());
    await delay(50);
    server = await startControlServer(socketPath, handlers);
    assert.deepEqual(await early, status);
    await server.close();
    const vain = assert.rejects(connectControl(stateDir), NoRuntimeError);
    await delay(50);
    await release();
    await vain;
  });

  it('carries each call with its arguments, and refusals with their code', async () => {
    const control = await connectControl(stateDir);
    assert.equal((await stat(socketPath)).mode & 0o777, 0o600);
    assert.deepEqual(await control.status(), status);
    assert.equal((await control.deploy({ a: 1 }, 'a file.json')).version, 1);
    assert.deepEqual(await control.twin('m/1'), twin);
    await assert.rejects(
      control.twin('x'),
      (error) => error instanceof ControlError && error.code === 'MODULE_UNKNOWN' && error.httpStatus === 404,
    );
    await control.patchTwin('m', { a: null });
    assert.deepEqual(await control.method('m', 'do', { x: 1 }, { responseTimeoutInSeconds: 5 }), {
      status: 200,
      payload: { ok: true },
    });
    await assert.rejects(
      control.method('m', 'do', null, { responseTimeoutInSeconds: 900 }),
      /responseTimeoutInSeconds is 900, expected 0 to 300/,
    );
    await control.restart('m');
    await control.sendMessage({ module: 'm', input: 'i', data: [1] });
    await control.stop();
    assert.deepEqual(calls, [
      ['{"a":1}', 'a file.json'],
      ['m', { a: null }],
      ['m', 'do', { x: 1 }, { responseTimeoutMs: 5000 }],
      ['m'],
      [{ module: 'm', input: 'i', data: [1], properties: {} }],
      ['asked over the control API'],
    ]);
  });

  it('streams events after a snapshot, and ends the stream when it closes', async () => {
    const control = await connectControl(stateDir);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of control.events()) {
        seen.push(event.type);
        if (event.type === 'snapshot') server.publish({ time: '', type: 'stopping', reason: 'é'.repeat(100_000) });
        if (event.type === 'stopping') void server.close();
      }
    })();
    await reading;
    assert.deepEqual(seen, ['snapshot', 'stopping']);
  });

  it('bounds what a listener that does not read can hold, and tells it what it missed', async () => {
    const socket = connect(socketPath);
    socket.write('GET /v1/events HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    socket.pause();
    const event: RuntimeEvent = { time: '', type: 'log', module: 'm', stream: 'stdout', line: 'x'.repeat(10_000) };
    for (let index = 0; index < 2000; index++) server.publish(event);
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.resume();
    while (!text.includes('"dropped"')) {
      await delay(5);
      server.publish(event);
    }
    assert.ok(text.length < 10_000_000);
    socket.destroy();
  });
});
