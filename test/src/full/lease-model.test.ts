import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Budget, explore, transition } from '@edgeslot/scoring/testing';

/** Mishaps, and how often the device may be taken when the guest of a hand-over wakes up in time. */
const PROMPT: readonly (readonly [Budget, number])[] = [
  [{ wants: [1, 1, 1] }, 3],
  [{ wants: [1, 1, 1], kills: 1 }, 4],
  [{ wants: [1, 1, 1], losses: 1 }, 4],
  [{ wants: [1, 1, 1], fruitless: 1 }, 5],
  [{ wants: [1, 1, 1], hangs: 1 }, 4],
  [{ wants: [2, 2], kills: 1, restart: true, losses: 1 }, 6],
  [{ wants: [1, 1], kills: 1, restart: true, hangs: 1, losses: 1, closes: 1 }, 6],
  [{ wants: [2, 1], failedTakes: 1, fruitless: 1, closes: 1 }, 6],
];

/** With any timing at all. */
const ANY: readonly Budget[] = [
  { wants: [1, 1, 1] },
  { wants: [1, 1], kills: 1, restart: true, losses: 1 },
  { wants: [1, 1], hangs: 1, kills: 1 },
  { wants: [1, 1], failedTakes: 1, fruitless: 1, closes: 1 },
];

const text = (budget: Budget) => JSON.stringify(budget).replaceAll('"', '');

for (const [budget, maxTakes] of PROMPT) {
  test(`no two holders, progress, nothing stolen back: ${text(budget)}`, (t) => {
    const { states, steps, takes } = explore({ protocol: transition, budget, prompt: true, maxTakes });
    t.diagnostic(`${states} states, ${steps} steps, device taken ${takes} times at most`);
    assert.ok(takes <= maxTakes);
  });
}

for (const budget of ANY) {
  test(`no two holders, progress, with any timing, three takes deep: ${text(budget)}`, (t) => {
    const { states, steps } = explore({ protocol: transition, budget, prompt: false, maxTakes: 3 });
    t.diagnostic(`${states} states, ${steps} steps`);
    assert.ok(states > 1000);
  });
}
