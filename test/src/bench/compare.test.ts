import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Burst, type BurstRules, compareBursts, runCalls } from './compare.js';

/** Bursts of subjects that only say who they are; `answer` gives the bursts in the order in which they are run. */
function rules(answer: (name: string, index: number) => Burst, more: Partial<BurstRules> = {}) {
  const order: string[] = [];
  const run: BurstRules['run'] = async (subject) => {
    const name = typeof subject === 'function' ? (subject() as string) : '';
    order.push(name);
    return answer(name, order.length - 1);
  };
  return { order, rules: { rounds: 3, mostOthers: 0.3, budget: 0, run, ...more } };
}
const subjects = { a: () => 'a', b: () => 'b' };
const quiet = (ms: number): Burst => ({ ms, others: 0.1 });
/** One for each subject, which does not count. */
const WARM_UP = 2;

test('rounds are interleaved, each begins with the next subject, the warm-up does not count', async () => {
  const made = rules((_, index) => quiet(index));
  const { rounds, bursts, repeated, disturbed } = await compareBursts({ subjects }, made.rules);
  assert.equal(made.order.join(''), 'ababbaab');
  assert.deepEqual(rounds, { a: [2, 5, 6], b: [3, 4, 7] });
  assert.deepEqual([bursts, repeated, disturbed], [6, 0, 0]);
});

test('a disturbed burst is run again', async () => {
  const made = rules((_, index) => ({ ms: index, others: index === WARM_UP ? 0.31 : 0.3 }), { budget: 9 });
  const { rounds, repeated, disturbed } = await compareBursts({ subjects }, made.rules);
  assert.deepEqual(rounds.a, [3, 6, 7]);
  assert.deepEqual([repeated, disturbed], [1, 0]);
});

test('when the budget is used up the least disturbed try counts, and is told', async () => {
  const others = [0, 0, 0.9, 0.5, 0.7];
  const made = rules((_, index) => ({ ms: index, others: others[index] ?? 2 }), { budget: 2, rounds: 1 });
  const { rounds, repeated, disturbed, bursts } = await compareBursts({ subjects }, made.rules);
  assert.deepEqual(rounds, { a: [3], b: [5] });
  assert.deepEqual([repeated, disturbed, bursts], [2, 2, 2]);
});

test('where the load is not known nothing is run again', async () => {
  const made = rules((_, index) => ({ ms: index, others: undefined }), { budget: 5 });
  const { repeated, disturbed } = await compareBursts({ subjects }, made.rules);
  assert.deepEqual([repeated, disturbed], [0, 0]);
});

test('a burst has at least one call, and waits for each', async () => {
  let running = 0;
  let calls = 0;
  const ms = await runCalls(async () => {
    assert.equal(++running, 1);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    calls++;
  }, 0.001);
  assert.ok(calls >= 1 && ms >= 0);
  assert.equal(await runCalls({ burst: async () => 7 }, 0.001), 7);
  await assert.rejects(
    runCalls(() => Promise.reject(new Error('broken')), 5),
    /broken/,
  );
});
