import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeNode } from '../testing/fake-card.js';
import type { SurveyedCard } from './card-survey.js';
import { checkCard } from './check-card.js';

const CARD: SurveyedCard = {
  ...{ kind: 'virtual-card', state: 'usable', path: '/dev/catapult0', sysfs: '/sys/catapult0' },
  reason: 'virtual card',
};

test('a card is looked at and given back, whatever it says', async () => {
  const node = new FakeNode();
  assert.deepEqual(await checkCard(CARD, node.open), { ok: true, text: 'ok' });
  node.health = { ...node.health, severity: 'warning', text: 'warm' };
  assert.deepEqual(await checkCard(CARD, node.open), { ok: true, text: 'warm' });
  node.health = { ...node.health, severity: 'transient', text: 'too hot' };
  assert.deepEqual(await checkCard(CARD, node.open), { ok: false, text: '/dev/catapult0 cannot be used: too hot' });
  node.failures.open = ['BUSY'];
  const busy = await checkCard(CARD, node.open);
  assert.deepEqual([busy.ok, node.isOpen], [false, false]);
  assert.match(busy.text, /BUSY/);
});
