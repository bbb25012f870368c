import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ServingStatus } from '@edgeslot/tensorflow-serving';
import { fakeHouse } from '../doors.fixture.js';
import type { SlotStateName } from '../slot/slot-state.js';
import { ServingGate } from './serving-gate.js';

const since = '2026-01-01T00:00:00Z';
const names = new Map<number, string>(Object.entries(ServingStatus).map(([name, number]) => [number, name]));

function setUp(t: TestContext, state: SlotStateName) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const house = fakeHouse();
  house.state = { state, since };
  const gate = new ServingGate(house.context, 5000);
  const heard: (string | undefined)[] = [];
  gate.listen((status) => heard.push(names.get(status)));
  return {
    gate,
    heard,
    pass: (ms: number) => t.mock.timers.tick(ms),
    go: (...states: SlotStateName[]) => {
      for (const one of states) house.show({ state: one, since });
    },
    now: () => names.get(gate.status),
  };
}

test('a module that starts is not serving until its model is there', (t) => {
  const { go, heard, now } = setUp(t, 'START');
  assert.equal(now(), 'NOT_SERVING');
  go('LOADING');
  assert.equal(now(), 'NOT_SERVING');
  go('AVAILABLE');
  assert.equal(now(), 'SERVING');
  assert.deepEqual(heard, ['SERVING']);
});

test('a short swap is not told, a long one is once it is long', (t) => {
  const { go, pass, heard, now } = setUp(t, 'AVAILABLE');
  go('UNLOADING');
  pass(3000);
  go('LOADING');
  pass(1999);
  assert.equal(now(), 'SERVING');
  go('AVAILABLE');
  pass(60_000);
  assert.deepEqual(heard, []);
  go('UNLOADING');
  pass(3000);
  go('LOADING');
  pass(2000);
  assert.equal(now(), 'NOT_SERVING');
  go('AVAILABLE');
  assert.deepEqual(heard, ['NOT_SERVING', 'SERVING']);
});

test('a slot that has given up is told at once, and stays so while it tries again', (t) => {
  const { go, pass, heard, now } = setUp(t, 'AVAILABLE');
  go('LOADING', 'END');
  assert.equal(now(), 'NOT_SERVING');
  go('LOADING', 'END', 'LOADING');
  pass(60_000);
  assert.deepEqual(heard, ['NOT_SERVING']);
});

test('a module that stops is not serving, whatever the slot does then', (t) => {
  const { gate, go, heard, now } = setUp(t, 'AVAILABLE');
  gate.close();
  gate.close();
  go('AVAILABLE');
  assert.equal(now(), 'NOT_SERVING');
  assert.deepEqual(heard, ['NOT_SERVING']);
});
