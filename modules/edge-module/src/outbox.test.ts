import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Outbox } from './outbox.js';
import type { OutgoingMessage } from './outgoing-message.js';

const text = (message: OutgoingMessage) => JSON.parse(message.body.toString()) as unknown;
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('outbox', () => {
  it('drops the oldest when it is full, by count and by bytes', async () => {
    const sent: unknown[] = [];
    const outbox = new Outbox({ maxMessages: 3, maxBytes: 100 });
    for (const n of [1, 2, 3, 4]) outbox.push('o', n);
    assert.equal(outbox.counters.dropped, 1);
    outbox.push('o', 'x'.repeat(98));
    assert.deepEqual(outbox.counters, { queued: 1, sent: 0, dropped: 4, refused: 0 });
    outbox.attach(async (message) => void sent.push(text(message)), assert.fail);
    await outbox.drained();
    assert.deepEqual(sent, ['x'.repeat(98)]);
  });

  it('refuses what no hub would take', () => {
    const outbox = new Outbox();
    assert.match(outbox.push('o', 'x'.repeat(300_000)) ?? '', /300008 bytes .*; expected at most/);
    assert.match(outbox.push('o', undefined) ?? '', /body is undefined/);
    assert.match(outbox.push('o', 10n) ?? '', /not JSON/);
    assert.deepEqual(outbox.counters, { queued: 0, sent: 0, dropped: 0, refused: 3 });
  });

  it('sends in order within its window, and again after a failure with the same ids', async () => {
    const outbox = new Outbox({ window: 2 });
    for (const n of [1, 2, 3]) outbox.push('o', n);
    const first: OutgoingMessage[] = [];
    let failures = 0;
    let fail: (error: Error) => void = () => {};
    outbox.attach(
      (message) => {
        first.push(message);
        return new Promise((_, reject) => {
          fail = reject;
        });
      },
      () => failures++,
    );
    assert.deepEqual(first.map(text), [1, 2]);
    fail(new Error('lost'));
    await settle();
    assert.equal(failures, 1);
    const again: OutgoingMessage[] = [];
    outbox.attach(async (message) => void again.push(message), assert.fail);
    await outbox.drained();
    assert.deepEqual(again.map(text), [1, 2, 3]);
    assert.deepEqual(
      again.slice(0, 2).map(({ id }) => id),
      first.map(({ id }) => id),
    );
    assert.equal(outbox.counters.sent, 3);
  });

  it('gives up a message that met ten lost connections', async () => {
    const outbox = new Outbox();
    outbox.push('o', 'poison');
    for (let attempt = 0; attempt < 10; attempt++) {
      outbox.attach(
        async () => Promise.reject(new Error('lost')),
        () => {},
      );
      await settle();
    }
    assert.equal(outbox.counters.queued, 1);
    outbox.attach(async () => {}, assert.fail);
    assert.deepEqual(outbox.counters, { queued: 0, sent: 0, dropped: 1, refused: 0 });
    await outbox.drained();
  });
});
