import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from './style.js';
import { readSwapReply, swapLines } from './swap-lines.js';

const OUTCOME = {
  id: 4,
  from: 'belt-object:1',
  to: 'belt-colour:2',
  requestedBy: 'method',
  result: 'loaded',
  at: 'now',
  durations: { verify: 12.4, load: 3, blackout: 45.2 },
  slot: { state: 'AVAILABLE', model: 'belt-colour:2' },
};
const lines = (payload: unknown) => swapLines(plain, 'scoring', readSwapReply(payload));

test('a swap tells what is held now, how long nothing served and where the time went', () => {
  assert.deepEqual(lines(OUTCOME), [
    'scoring: belt-colour:2 is held in place of belt-object:1, nothing served for 45 ms',
    '  verify 12 ms, load 3 ms',
  ]);
  assert.deepEqual(lines({ ...OUTCOME, result: 'unchanged' }), ['scoring: belt-colour:2 is held already']);
  const { from: _, ...first } = { ...OUTCOME, durations: {} };
  assert.deepEqual(lines(first), ['scoring: belt-colour:2 is held']);
  assert.deepEqual(lines({ message: 'the wish goes on' }), ['scoring: the wish goes on']);
});

test('an answer of another make is shown as it came', () => {
  assert.deepEqual(readSwapReply({ message: 'no', slot: { state: 'END' } }), { message: 'no', state: 'END' });
  assert.deepEqual(readSwapReply(null), { message: 'null' });
  assert.deepEqual(readSwapReply(['x']), { message: '["x"]' });
});
