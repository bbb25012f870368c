import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QoS } from 'mqtt-packet';
import { type InputEntry, InputQueue, type InputTarget } from './input-queue.js';

class FakeModule implements InputTarget {
  readonly deviceId = 'd';
  readonly moduleId = 'm';
  connection: InputTarget['connection'];
  qos: QoS | undefined = 1;
  readonly sent: string[] = [];
  #nextId = 1;

  connect(): void {
    this.connection = {
      publish: (_topic, payload, qos) => {
        this.sent.push(payload.toString());
        return qos === 0 ? 0 : this.#nextId++;
      },
    };
  }

  qosOf(): QoS | undefined {
    return this.connection === undefined ? undefined : this.qos;
  }
}

const entry = (text: string, bytes = 0): InputEntry => ({
  input: 'i',
  data: Buffer.concat([Buffer.from(text), Buffer.alloc(bytes)]),
  properties: {},
  systemProperties: {},
});

describe('input queue', () => {
  it('has one message unacknowledged at a time and sends it again after a reconnect', () => {
    const module = new FakeModule();
    const queue = new InputQueue(module, () => {});
    for (const text of ['a', 'b', 'c']) queue.push(entry(text));
    module.connect();
    queue.pump();
    assert.deepEqual(module.sent, ['a']);
    queue.acknowledged(99);
    assert.deepEqual(module.sent, ['a'], 'an unknown acknowledgement is ignored');
    module.connection = undefined;
    queue.interrupted();
    module.connect();
    queue.pump();
    assert.deepEqual(module.sent, ['a', 'a']);
    queue.acknowledged(1);
    assert.deepEqual(module.sent, ['a', 'a'], 'the acknowledgement of the lost connection does not count');
    queue.acknowledged(2);
    queue.acknowledged(3);
    queue.acknowledged(4);
    assert.deepEqual(module.sent, ['a', 'a', 'b', 'c']);
    assert.equal(queue.length, 0);
    queue.clear();
  });

  it('empties at once at QoS 0', () => {
    const module = new FakeModule();
    module.qos = 0;
    const queue = new InputQueue(module, () => {});
    for (const text of ['a', 'b']) queue.push(entry(text));
    module.connect();
    queue.pump();
    assert.deepEqual(module.sent, ['a', 'b']);
    assert.equal(queue.length, 0);
  });

  it('is bounded: a refusal to who asks, the oldest dropped and said for who does not', () => {
    const module = new FakeModule();
    const lines: string[] = [];
    const queue = new InputQueue(module, (line) => lines.push(line));
    for (let at = 0; at < 1005; at += 1) queue.push(entry(String(at)));
    assert.equal(queue.length, 1000);
    assert.equal(queue.offer(entry('refused')), false);
    assert.equal(lines.length, 1);
    module.connect();
    queue.pump();
    assert.deepEqual(module.sent, ['5']);
    queue.clear();
    for (let at = 0; at < 5; at += 1) queue.push(entry(String(at), 5 * 1024 * 1024));
    assert.equal(queue.length, 4, 'one is sent, three of 5 MiB fit');
    queue.clear();
  });
});
