import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { Outbox } from './outbox.js';
import type { OutgoingMessage } from './outgoing-message.js';
import { Spool, type SpoolOptions } from './spool.js';

const body = (message: OutgoingMessage) => JSON.parse(message.body.toString()) as unknown;

describe('an outbox with a spool', () => {
  let base: string;
  let directory: string;
  let faults: string[];
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'spool-'));
    directory = join(base, 'telemetry');
    faults = [];
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const open = (options: Partial<SpoolOptions> = {}) =>
    new Outbox({ window: 2, spool: new Spool({ directory, onFault: (text) => faults.push(text), ...options }) });

  /** A hub that acknowledges everything, until told otherwise. */
  async function receive(outbox: Outbox, count = Number.POSITIVE_INFINITY): Promise<OutgoingMessage[]> {
    const received: OutgoingMessage[] = [];
    await new Promise<void>((resolve) => {
      outbox.attach(
        async (message) => {
          if (received.length >= count) throw new Error('lost');
          received.push(message);
        },
        () => resolve(),
      );
      void outbox.drained().then(resolve);
    });
    outbox.detach();
    return received;
  }

  it('keeps messages over a restart, in order, with their ids and properties', async () => {
    const before = open();
    for (const n of [1, 2, 3]) before.push('output1', { n }, { kind: 'é' });
    assert.deepEqual(before.counters, { queued: 3, sent: 0, dropped: 0, refused: 0 });
    await before.flush();
    const after = open();
    after.push('output1', { n: 4 });
    assert.equal(after.counters.queued, 4);
    const received = await receive(after);
    assert.deepEqual(received.map(body), [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    assert.deepEqual(received[0]!.properties, { kind: 'é' });
    assert.equal(new Set(received.map(({ id }) => id)).size, 4);
    assert.deepEqual(after.counters, { queued: 0, sent: 4, dropped: 0, refused: 0 });
    await after.flush();
    assert.deepEqual(await receive(open()), []);
  });

  it('writes what was not acknowledged down when the hub goes away, before what comes then', async () => {
    const outbox = open();
    const held: OutgoingMessage[] = [];
    outbox.attach((message) => {
      held.push(message);
      return new Promise(() => {});
    }, assert.fail);
    for (const n of [1, 2, 3]) outbox.push('o', n);
    assert.deepEqual(held.map(body), [1, 2]);
    assert.deepEqual(readdirSync(directory), []);
    outbox.detach();
    outbox.push('o', 4);
    await outbox.flush();
    const received = await receive(open());
    assert.deepEqual(received.map(body), [1, 2, 3, 4]);
    assert.equal(received[0]!.id, held[0]!.id);
  });

  it('drops the oldest file when the bound is reached', async () => {
    const outbox = open({ maxBytes: 8000 });
    for (let n = 0; n < 400; n++) outbox.push('o', n);
    await outbox.flush();
    const bytes = readdirSync(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0);
    assert.ok(bytes <= 8000, `${bytes} bytes`);
    const { queued, dropped } = outbox.counters;
    assert.equal(queued + dropped, 400);
    assert.ok(queued > 40, `${queued} queued`);
    const numbers = (await receive(outbox)).map(body);
    assert.deepEqual(
      numbers,
      Array.from({ length: queued }, (_, at) => dropped + at),
    );
  });

  it('leaves out torn lines and files of others, and counts what is gone', async () => {
    const before = open();
    for (const n of [1, 2]) before.push('o', n);
    await before.flush();
    const [file] = readdirSync(directory);
    appendFileSync(join(directory, file!), '{"id":"x","out\n{"id":"half');
    writeFileSync(join(directory, 'README'), 'not mine');
    const after = open();
    assert.equal(after.counters.queued, 3);
    assert.deepEqual((await receive(after)).map(body), [1, 2]);
    assert.deepEqual(after.counters, { queued: 0, sent: 2, dropped: 1, refused: 0 });
    assert.ok(readdirSync(directory).includes('README'));
  });

  it('says once that the disk takes nothing, and counts those messages as dropped', async () => {
    const outbox = open();
    rmSync(directory, { recursive: true });
    for (const n of [1, 2, 3]) outbox.push('o', n);
    await outbox.flush();
    assert.deepEqual(await receive(outbox), []);
    assert.equal(outbox.counters.dropped, 3);
    assert.equal(outbox.counters.queued, 0);
    assert.match(faults[0]!, /ENOENT/);
    writeFileSync(directory, '');
    assert.throws(() => open(), /EEXIST|ENOTDIR/);
  });

  it('brings everything at least once and in order, whenever the hub or the process goes away', async () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 90 }) }),
      fc.record({ receive: fc.nat(70) }),
      fc.constant({ restart: true as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        rmSync(directory, { recursive: true, force: true });
        let outbox = open({ maxBytes: 1 << 20 });
        let pushed = 0;
        const firsts: number[] = [];
        const take = (messages: readonly OutgoingMessage[]) => {
          for (const n of messages.map(body) as number[]) if (!firsts.includes(n)) firsts.push(n);
        };
        for (const one of steps) {
          if ('push' in one) for (let n = 0; n < one.push; n++) outbox.push('o', pushed++);
          else if ('receive' in one) take(await receive(outbox, one.receive));
          else {
            await outbox.flush();
            outbox = open({ maxBytes: 1 << 20 });
          }
        }
        take(await receive(outbox));
        assert.deepEqual(
          firsts,
          Array.from({ length: pushed }, (_, n) => n),
        );
        assert.equal(outbox.counters.queued, 0);
      }),
      { numRuns: 25 },
    );
  });
});
