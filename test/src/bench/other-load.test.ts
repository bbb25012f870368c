import assert from 'node:assert/strict';
import { test } from 'node:test';
import { othersShare, processTicks, readLoad } from './other-load.js';

test('what a process used is read from its line, whatever its name', () => {
  const times = '0 -1 4194560 1 2 3 4 500 60 7 8 20 0';
  for (const name of ['node', 'a b', ') R 1 (']) {
    assert.deepEqual(processTicks(`12 (${name}) S 1 12 12 ${times} 1 0 99`), { own: 560, children: 15 });
  }
});

test('others are all but this process and its helpers', () => {
  const before = { seconds: 10, all: 100, ours: 50 };
  assert.equal(othersShare(before, { seconds: 12, all: 103, ours: 52 }), 0.5);
  assert.equal(othersShare(before, { seconds: 12, all: 101, ours: 52 }), 0);
});

test('a helper that is gone makes the load unknown', { skip: process.platform !== 'linux' }, () => {
  const alone = readLoad();
  const both = readLoad([process.pid]);
  assert.ok(alone && both && both.ours > alone.ours);
  assert.equal(readLoad([2 ** 30]), undefined);
});
