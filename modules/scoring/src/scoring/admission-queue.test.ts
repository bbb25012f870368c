import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ScoringError } from '../errors.js';
import { AdmissionQueue, type Waiting } from './admission-queue.js';

interface Call extends Waiting {
  readonly id: number;
}

const FAR = () => performance.now() + 60_000;

function caller() {
  const refused: [id: number, code: string][] = [];
  const call = (id: number, more: Partial<Call> = {}): Call => ({
    id,
    deadline: FAR(),
    bytes: 1,
    refuse: (error: ScoringError) => refused.push([id, error.code]),
    ...more,
  });
  return { refused, call };
}

function drain(queue: AdmissionQueue<Call>): number[] {
  const ids: number[] = [];
  for (let next = queue.take(); next; next = queue.take()) ids.push(next.id);
  return ids;
}

test('first in, first out, within a bound of calls and of bytes', () => {
  const queue = new AdmissionQueue<Call>(() => ({ maxCalls: 3, maxBytes: 100 }));
  const { refused, call } = caller();
  for (const id of [1, 2, 3]) queue.push(call(id));
  assert.throws(() => queue.push(call(4)), {
    code: 'QUEUE_FULL',
    status: 'UNAVAILABLE',
    message: 'The scheduling queue to which this task was submitted is full: 3 calls wait',
  });
  assert.deepEqual(drain(queue), [1, 2, 3]);
  queue.push(call(5, { bytes: 60 }));
  assert.throws(() => queue.push(call(6, { bytes: 60 })), { code: 'QUEUE_FULL' });
  queue.push(call(7, { bytes: 40 }));
  assert.deepEqual(drain(queue), [5, 7]);
  assert.deepEqual(refused, []);
});

test('a newer frame of a camera replaces the older one in its place, also when the queue is full', () => {
  const queue = new AdmissionQueue<Call>(() => ({ maxCalls: 3, maxBytes: 100 }));
  const { refused, call } = caller();
  queue.push(call(1, { camera: 'left' }));
  queue.push(call(2, { camera: 'right' }));
  queue.push(call(3));
  queue.push(call(4, { camera: 'left' }));
  queue.push(call(5, { camera: 'left' }));
  assert.deepEqual(refused, [
    [1, 'FRAME_REPLACED'],
    [4, 'FRAME_REPLACED'],
  ]);
  assert.deepEqual(drain(queue), [5, 2, 3]);
});

test('a fast camera does not take the turns of a slow one', () => {
  const queue = new AdmissionQueue<Call>();
  const { call } = caller();
  const served: string[] = [];
  for (let i = 0; i < 30; i++) {
    queue.push(call(i, { camera: 'fast' }));
    if (i % 2 === 0) queue.push(call(i, { camera: 'slow' }));
    if (i % 2 === 1) served.push(queue.take()!.camera!);
  }
  drain(queue);
  assert.ok(Math.abs(served.filter((one) => one === 'fast').length - 7.5) <= 1, served.join(' '));
});

test('a call whose deadline passes or whose caller leaves is refused and leaves the queue', async () => {
  const queue = new AdmissionQueue<Call>();
  const { refused, call } = caller();
  assert.throws(() => queue.push(call(1, { deadline: performance.now() - 1 })), { code: 'DEADLINE' });
  assert.throws(() => queue.push(call(2, { signal: AbortSignal.abort() })), { code: 'CANCELLED' });
  const abort = new AbortController();
  queue.push(call(3, { signal: abort.signal }));
  await new Promise<void>((resolve) => {
    const refuse = (error: ScoringError) => {
      refused.push([4, error.code]);
      resolve();
    };
    queue.push(call(4, { deadline: performance.now() + 3, refuse }));
  });
  abort.abort();
  assert.deepEqual(refused, [
    [4, 'DEADLINE'],
    [3, 'CANCELLED'],
  ]);
  assert.equal(queue.length, 0);
  queue.push(call(5, { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY }));
  assert.deepEqual(drain(queue), [5]);
});

test('calls that are not ready are passed over and keep their place', () => {
  const queue = new AdmissionQueue<Call>();
  const { refused, call } = caller();
  for (const id of [1, 2, 3, 4]) queue.push(call(id));
  assert.equal(queue.take(({ id }) => id % 2 === 0)!.id, 2);
  queue.sweep(({ id }) => (id === 3 ? ({ code: 'INTERNAL' } as ScoringError) : undefined));
  assert.deepEqual(refused, [[3, 'INTERNAL']]);
  assert.deepEqual(drain(queue), [1, 4]);
});

test('every call is either taken or refused, once, and the bounds hold', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant<'push'>('push'),
      camera: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      bytes: fc.integer({ min: 0, max: 9 }),
    }),
    fc.record({ do: fc.constantFrom<('take' | 'cancel')[]>('take', 'cancel') }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const limits = { maxCalls: 4, maxBytes: 20 };
      const queue = new AdmissionQueue<Call>(() => limits);
      const ended = new Map<number, number>();
      const end = (id: number) => ended.set(id, (ended.get(id) ?? 0) + 1);
      const waiting: { id: number; bytes: number; abort: AbortController }[] = [];
      let pushed = 0;
      for (const one of steps) {
        if (one.do === 'push') {
          const id = pushed++;
          const abort = new AbortController();
          const refuse = () => end(id);
          try {
            queue.push({ id, deadline: FAR(), signal: abort.signal, camera: one.camera, bytes: one.bytes, refuse });
            waiting.push({ id, bytes: one.bytes, abort });
          } catch {
            end(id);
          }
        } else if (one.do === 'take') {
          const call = queue.take();
          if (call) end(call.id);
        } else waiting.at(-1)?.abort.abort();
        const inside = waiting.filter(({ id }) => !ended.has(id));
        assert.equal(queue.length, inside.length);
        assert.ok(queue.length <= limits.maxCalls);
        assert.ok(inside.reduce((sum, { bytes }) => sum + bytes, 0) <= limits.maxBytes);
      }
      for (const id of drain(queue)) end(id);
      assert.equal(ended.size, pushed);
      for (const times of ended.values()) assert.equal(times, 1);
    }),
  );
});

test('a limit that is lowered keeps out what comes, and sends nobody away', () => {
  let maxCalls = 3;
  const queue = new AdmissionQueue<Call>(() => ({ maxCalls, maxBytes: 100 }));
  const { call, refused } = caller();
  for (const id of [1, 2]) queue.push(call(id));
  queue.push(call(3, { camera: 'belt-1' }));
  maxCalls = 1;
  assert.throws(() => queue.push(call(4)), { code: 'QUEUE_FULL' });
  queue.push(call(5, { camera: 'belt-1' }));
  assert.deepEqual(refused, [[3, 'FRAME_REPLACED']]);
  maxCalls = 4;
  queue.push(call(6));
  assert.deepEqual(drain(queue), [1, 2, 5, 6]);
});
