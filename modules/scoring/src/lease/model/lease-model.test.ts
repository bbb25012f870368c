import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transition } from '../protocol.js';
import type { LeaseEffect } from '../protocol-types.js';
import { explore } from './explore.js';
import type { Budget, Protocol } from './world.js';

const anyTiming = (budget: Budget, maxTakes: number, protocol: Protocol = transition) =>
  explore({ protocol, budget, prompt: false, maxTakes });
const promptGuest = (budget: Budget, maxTakes: number, protocol: Protocol = transition) =>
  explore({ protocol, budget, prompt: true, maxTakes });

test('two modules: never two holders, somebody holds it in the end, nothing is stolen back', (t) => {
  const any = anyTiming({ wants: [1, 1] }, 3);
  const prompt = promptGuest({ wants: [2, 1] }, 3);
  t.diagnostic(`${any.states} states with any timing; ${prompt.states} with a prompt guest and a second wish`);
  assert.ok(any.states > 1000 && prompt.states > 500);
  assert.equal(prompt.takes, 3);
});

test('the same when one is killed, hangs, is closed, can load nothing, or a message or the disk fails', (t) => {
  for (const mishap of [
    { kills: 1 },
    { hangs: 1 },
    { losses: 1 },
    { failedTakes: 1 },
    { fruitless: 1 },
    { closes: 1 },
  ]) {
    const { states, takes } = promptGuest({ wants: [1, 1], ...mishap }, 3);
    t.diagnostic(`${JSON.stringify(mishap)}: ${states} states, device taken ${takes} times at most`);
  }
});

/** Changes what the protocol does about an event. */
function mutant(
  change: (name: string, effects: readonly LeaseEffect[]) => readonly LeaseEffect[] | undefined,
): Protocol {
  return (self, state, event) => {
    const right = transition(self, state, event);
    const effects = change(`${state.phase} ${event.on} ${right.state.phase}`, right.effects);
    return effects ? { ...right, effects } : right;
  };
}

const without = (effects: readonly LeaseEffect[], what: LeaseEffect['do']) =>
  effects.filter((effect) => effect.do !== what);

const mutants: {
  readonly name: string;
  readonly protocol: Protocol;
  readonly budget?: Budget;
  readonly says: RegExp;
}[] = [
  {
    name: 'the holder unlocks before its device is empty',
    protocol: mutant((name, effects) =>
      name === 'held requested emptying' ? [...effects, { do: 'unlock' }] : undefined,
    ),
    says: /A unlocks while it uses the device/,
  },
  {
    name: 'a requester that was granted uses the device at once',
    protocol: mutant((name, effects) =>
      name === 'waiting answered waiting' ? [...effects, { do: 'grant' }] : undefined,
    ),
    says: /uses the device without the lock/,
  },
  {
    name: 'who was handed over does not wait again',
    protocol: mutant((name, effects) => (name === 'emptying emptied waiting' ? without(effects, 'wait') : undefined)),
    budget: { wants: [1, 1], kills: 1 },
    says: /somebody waits and nothing that can happen ends it/,
  },
  {
    name: 'who leaves a lock to another does not come back',
    protocol: mutant((name, effects) => (name === 'waiting locked deferring' ? without(effects, 'timer') : undefined)),
    budget: { wants: [1, 1], kills: 1 },
    says: /somebody waits and nothing that can happen ends it/,
  },
  {
    name: 'a reservation is respected for ever',
    protocol: (self, state, event) => {
      const forgets = state.phase === 'waiting' ? { ...state, respected: undefined } : state;
      return transition(self, forgets as typeof state, event);
    },
    budget: { wants: [1, 1], kills: 1 },
    says: /somebody waits and nothing that can happen ends it/,
  },
  {
    name: 'a reservation is not respected',
    protocol: (self, state, event) => transition(self, state, event.on === 'locked' ? { on: 'locked' } : event),
    says: /the device is taken more than 3 times/,
  },
  {
    name: 'who was handed over asks again at once',
    protocol: (self, state, event) => {
      const asks = state.phase === 'emptying' && event.on === 'emptied' ? { ...state, after: 'ask' as const } : state;
      return transition(self, asks, event);
    },
    says: /the device is taken more than 3 times/,
  },
  {
    name: 'a lost answer is waited for for ever',
    protocol: mutant((name, effects) => (name === 'idle want waiting' ? without(effects, 'timer') : undefined)),
    budget: { wants: [1, 1], losses: 1 },
    says: /somebody waits and nothing that can happen ends it/,
  },
  {
    name: 'a refusal is final',
    protocol: mutant((name) => (name === 'waiting answered waiting' ? [{ do: 'endTimer' }] : undefined)),
    says: /somebody waits and nothing that can happen ends it/,
  },
  {
    name: 'a lock that cannot be used is kept',
    protocol: mutant((name, effects) =>
      name === 'taking takeFailed resting' ? without(effects, 'unlock') : undefined,
    ),
    budget: { wants: [1, 1], failedTakes: 1 },
    says: /waits for what it has|somebody waits and nothing that can happen ends it/,
  },
];

for (const { name, protocol, budget = { wants: [1, 1] }, says } of mutants) {
  test(`is found out: ${name}`, () => {
    const both = () => {
      anyTiming(budget, 2, protocol);
      promptGuest(budget, 3, protocol);
    };
    assert.throws(both, { name: 'Violation', message: says });
  });
}
