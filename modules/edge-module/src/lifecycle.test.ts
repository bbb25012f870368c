import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, it } from 'node:test';
import { type RunningModule, runModule } from './lifecycle.js';
import { createLog } from './log.js';

class Host extends EventEmitter {
  exit(code: number): void {
    this.emit('exit', code);
  }
}

function run(main: (signal: AbortSignal) => Promise<RunningModule>, stopTimeoutMs = 5000) {
  const host = new Host();
  const exit = once(host, 'exit').then(([code]) => code as number);
  runModule(main, { log: createLog({ write: () => {} }), host, stopTimeoutMs });
  return { host, exit };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('runModule', () => {
  it('stops once on SIGTERM and ends with 0', async () => {
    let stops = 0;
    const { host, exit } = run(async () => ({
      stop: async () => {
        stops++;
      },
    }));
    await settle();
    host.emit('SIGTERM');
    assert.equal(await exit, 0);
    assert.equal(stops, 1);
  });

  it('ends with 1 when the start fails, and when something is thrown and not caught', async () => {
    const failing = run(async () => {
      throw new Error('no such port');
    });
    assert.equal(await failing.exit, 1);
    const running = run(async () => ({ stop: async () => {} }));
    await settle();
    running.host.emit('uncaughtException', new TypeError('desired of undefined'));
    assert.equal(await running.exit, 1);
  });

  it('ends with 1 when stopping fails or takes longer than its bound', async () => {
    const failing = run(async () => ({
      stop: async () => {
        throw new Error('busy');
      },
    }));
    await settle();
    failing.host.emit('SIGINT');
    assert.equal(await failing.exit, 1);

    const hanging = run(async () => ({ stop: () => new Promise<void>(() => {}) }), 10);
    await settle();
    hanging.host.emit('SIGTERM');
    assert.equal(await hanging.exit, 1);
  });

  it('stops a module that is done, and ends with 1 when that failed', async () => {
    let stops = 0;
    const stop = async () => {
      stops++;
    };
    assert.equal(await run(async () => ({ stop, done: Promise.resolve() })).exit, 0);
    assert.equal(stops, 1);
    assert.equal(await run(async () => ({ stop, done: Promise.reject(new Error('lost')) })).exit, 1);
  });

  it('leaves at once on a second signal', async () => {
    const { host, exit } = run(async () => ({ stop: () => new Promise<void>(() => {}) }));
    await settle();
    host.emit('SIGTERM');
    host.emit('SIGTERM');
    assert.equal(await exit, 1);
  });

  it('aborts a start that is still going on', async () => {
    const { host, exit } = run(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await settle();
    host.emit('SIGTERM');
    assert.equal(await exit, 0);
  });
});
