import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Readiness } from './readiness.js';
import type { SlotState, SlotStateName } from './slot-state.js';

function setUp(t: { after(done: () => void): void }, first: SlotStateName = 'AVAILABLE') {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  let listener: (state: SlotState) => void = () => {};
  const settings = { notReadyAfterMs: 5000 };
  const slot = {
    state: { state: first, since: '' },
    onState: (one: typeof listener) => {
      listener = one;
      return () => {
        listener = () => {};
      };
    },
  };
  const readiness = new Readiness(() => settings.notReadyAfterMs);
  const end = readiness.follow(slot);
  const changes: boolean[] = [];
  readiness.onChange((ready) => changes.push(ready));
  return { readiness, changes, settings, end, show: (state: SlotStateName) => listener({ state, since: '' }) };
}

test('a short gap is not told, a long one is, and its end', (t) => {
  const { readiness, changes, show } = setUp(t);
  for (const state of ['UNLOADING', 'LOADING'] as const) {
    show(state);
    mock.timers.tick(2400);
  }
  assert.equal(readiness.ready, true);
  show('AVAILABLE');
  mock.timers.tick(60_000);
  assert.deepEqual(changes, []);
  show('UNLOADING');
  mock.timers.tick(4000);
  show('LOADING');
  mock.timers.tick(1000);
  assert.equal(readiness.ready, false, 'the whole gap counts, not one state of it');
  show('AVAILABLE');
  assert.deepEqual(changes, [false, true]);
});

test('END is told at once, and what follows is no gap until a model serves again', (t) => {
  const { readiness, changes, show } = setUp(t);
  show('UNLOADING');
  show('END');
  assert.deepEqual(changes, [false]);
  show('LOADING');
  assert.equal(readiness.ready, false);
  show('AVAILABLE');
  assert.deepEqual(changes, [false, true]);
  mock.timers.tick(60_000);
  assert.equal(readiness.ready, true);
});

test('before the first model nothing is ready; the bound in force counts; an end is the end', (t) => {
  const { readiness, changes, settings, end, show } = setUp(t, 'START');
  show('LOADING');
  assert.equal(readiness.ready, false);
  show('AVAILABLE');
  settings.notReadyAfterMs = 10;
  show('UNLOADING');
  mock.timers.tick(10);
  assert.deepEqual(changes, [true, false]);
  show('AVAILABLE');
  end();
  assert.equal(readiness.ready, false);
  show('AVAILABLE');
  assert.equal(readiness.ready, false);
});
