import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../run-cli.fixture.js';

test('without a card, every verb but start says how to start one', async () => {
  const dir = join(import.meta.dirname, 'no-card-here');
  for (const verb of [['status'], ['fault', 'timeout'], ['stop']]) {
    const { code, err } = await run('card', ...verb, '--dir', dir);
    assert.equal(code, 1, verb.join(' '));
    assert.match(err, /no virtual card runs in .*no-card-here: start one with `npx edgeslot card start`/);
  }
});

test('wrong usage is told before a card is asked', async () => {
  const wrong = [
    ['fault', 'late', 'soon'],
    ['fault', 'two words'],
    ['start', '--slots', '0'],
  ];
  for (const words of wrong) assert.equal((await run('card', ...words)).code, 2, words.join(' '));
  const { out } = await run('card', 'fault', '--help');
  for (const fault of [
    'timeout',
    'exception',
    'late',
    'stale',
    'ebusy',
    'gone',
    'temperature',
    'ecc',
    'death',
    'clear',
  ])
    assert.match(out, new RegExp(`^  .*\\b${fault}\\b`, 'm'));
});
