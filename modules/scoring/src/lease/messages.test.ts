import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnswer, parseRequest } from './messages.js';

const REQUEST = { request: 'DEVICE', module: 'm', instance: 'i', pid: 1, deadlineMs: 5000 };

test('a request is taken whole or not at all', () => {
  assert.deepEqual(parseRequest(JSON.stringify(REQUEST)), REQUEST);
  const wrong = [
    { request: 'CARD' },
    { module: '' },
    { module: 'm'.repeat(201) },
    { instance: 7 },
    { pid: -1 },
    { pid: 1.5 },
    { deadlineMs: null },
    { deadlineMs: '5000' },
    { padding: 'x'.repeat(1024) },
  ];
  for (const change of wrong) assert.equal(parseRequest(JSON.stringify({ ...REQUEST, ...change })), undefined);
  for (const line of ['', 'null', '[]', '7', '{', '"REQUEST"']) assert.equal(parseRequest(line), undefined);
});

test('an answer is one of three', () => {
  for (const answer of [{ answer: 'GRANT_IN', ms: 2000 }, { answer: 'DENY', reason: 'why' }, { answer: 'HANDED' }]) {
    assert.deepEqual(parseAnswer(JSON.stringify(answer)), answer);
  }
  for (const wrong of [{ answer: 'YES' }, { answer: 'GRANT_IN', ms: -1 }, { answer: 'DENY', reason: 5 }, {}]) {
    assert.equal(parseAnswer(JSON.stringify(wrong)), undefined);
  }
});
