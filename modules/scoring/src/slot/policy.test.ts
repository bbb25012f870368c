import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextAction, type SlotAction, type SlotView, type WishView } from './policy.js';

const MODELS = ['a:1', 'b:1', 'c:1'] as const;
const id = fc.constantFrom(...MODELS);
const maybeId = fc.option(id, { nil: undefined });

const NEW_WISH: WishView = {
  prepared: false,
  again: false,
  loaded: false,
  failed: false,
  restored: 'untried',
};

/** A slot as the driver keeps it, with a device and packages that do what `works` says. */
interface World {
  view: SlotView;
  wished: string;
  ended: string[];
}

const start: fc.Arbitrary<World> = fc
  .record({
    onDevice: maybeId,
    lastGood: maybeId,
    wished: id,
    again: fc.boolean(),
    gateShut: fc.boolean(),
    suspended: fc.boolean(),
    goal: maybeId,
  })
  .map(({ onDevice, lastGood, wished, again, gateShut, suspended, goal }) => ({
    wished,
    ended: [],
    view: {
      closing: false,
      yielding: false,
      suspended: suspended && onDevice === undefined,
      gateShut: gateShut && onDevice === undefined,
      onDevice,
      lastGood: onDevice ?? lastGood,
      wish: { ...NEW_WISH, again },
      candidates: [goal, onDevice ?? lastGood].flatMap((one) => one ?? []),
      tried: new Set<string>(),
      pauseMs: 0,
    },
  }));

/** What the driver does with an action; `works` decides whether it succeeds. */
function perform({ view, wished, ended }: World, action: SlotAction, works: (what: string) => boolean): World {
  const { wish } = view;
  const and = (change: Partial<SlotView>): World => ({ wished, ended, view: { ...view, ...change } });
  const wishIs = (change: Partial<WishView>) => ({ wish: { ...wish!, ...change } });
  const held = (model: string): Partial<SlotView> => ({
    onDevice: model,
    lastGood: model,
    candidates: [model, model],
    tried: new Set(),
  });
  if (action.do === 'verify') return and(wishIs(works(`open ${wished}`) ? { target: wished } : { failed: true }));
  if (action.do === 'prepare') return and(wishIs(works(`prepare ${wished}`) ? { prepared: true } : { failed: true }));
  if (action.do === 'unload') {
    assert.notEqual(view.onDevice, undefined, 'only what is there is unloaded');
    return and({ onDevice: undefined, ...(wish && wishIs({ again: false })) });
  }
  if (action.do === 'load' || action.do === 'restore' || action.do === 'recover') {
    assert.equal(view.onDevice, undefined, 'only an empty device is loaded');
    const model = { load: wish?.target, restore: view.lastGood, recover: 'model' in action ? action.model : '' }[
      action.do
    ]!;
    const good = works(`load ${model}`);
    if (action.do === 'recover') return and(good ? held(model) : { tried: new Set([...view.tried, model]) });
    if (action.do === 'load')
      return and(good ? { ...held(model), ...wishIs({ loaded: true }) } : wishIs({ failed: true }));
    return and({ ...(good && held(model)), ...wishIs({ restored: good ? 'done' : 'failed' }) });
  }
  if (action.do === 'end') {
    const goal = action.result === 'failed' && view.onDevice === undefined ? [wished] : view.candidates.slice(0, 1);
    const candidates = [...goal, ...(view.lastGood === undefined ? [] : [view.lastGood])];
    return {
      wished,
      ended: [...ended, action.result],
      view: { ...view, wish: undefined, candidates, tried: new Set() },
    };
  }
  if (action.do === 'pause') return and({ tried: new Set(), pauseMs: 0 });
  return and({});
}

test('every wish ends within eight steps, whatever fails, and the device never has two models', () => {
  fc.assert(
    fc.property(start, fc.infiniteStream(fc.boolean()), (world, chances) => {
      let now = world;
      let steps = 0;
      for (; now.view.wish; steps++) {
        assert.ok(steps < 8, `still ${JSON.stringify(now.view)}`);
        now = perform(now, nextAction(now.view), () => chances.next().value);
      }
      assert.equal(now.ended.length, 1);
      const [result] = now.ended;
      if (result === 'loaded' || result === 'unchanged') assert.equal(now.view.onDevice, world.wished);
      if (result === 'restored') assert.equal(now.view.onDevice, world.view.lastGood);
    }),
  );
});

test('a good wish is loaded, whatever was there before', () => {
  fc.assert(
    fc.property(start, (world) => {
      let now = world;
      while (now.view.wish) now = perform(now, nextAction(now.view), () => true);
      assert.equal(now.view.onDevice, world.wished);
      const same = world.view.onDevice === world.wished && !world.view.wish!.again;
      assert.deepEqual(now.ended, [same ? 'unchanged' : 'loaded']);
      assert.deepEqual(nextAction(now.view), { do: 'wait' });
    }),
  );
});

test('what is lost comes back: the wish first, the last good model after it, and after every failure a pause', () => {
  fc.assert(
    fc.property(id, maybeId, fc.nat(6), (goal, lastGood, failures) => {
      const candidates = [goal, ...(lastGood === undefined ? [] : [lastGood])];
      const view: SlotView = {
        closing: false,
        yielding: false,
        suspended: false,
        gateShut: false,
        lastGood,
        candidates,
        tried: new Set(),
        pauseMs: 0,
      };
      let now: World = { view, wished: goal, ended: [] };
      const asked: string[] = [];
      for (let left = failures; now.view.onDevice === undefined; ) {
        const action = nextAction(now.view);
        assert.ok(asked.length < 20);
        asked.push(action.do === 'recover' ? action.model : action.do);
        now = perform(now, action, () => left-- <= 0);
      }
      const round = [...new Set(candidates), 'pause'];
      assert.deepEqual(
        asked,
        Array.from({ length: asked.length }, (_, at) => round[at % round.length]),
      );
      assert.equal(asked.filter((one) => one !== 'pause').length, failures + 1);
    }),
  );
});

test('closing and giving up come before any wish, and a slot that gave up waits', () => {
  fc.assert(
    fc.property(start, fc.constantFrom<('closing' | 'yielding')[]>('closing', 'yielding'), ({ view }, what) => {
      const ending = { ...view, [what]: true };
      const expected = view.onDevice !== undefined ? 'unload' : what === 'closing' ? 'stop' : 'hand over';
      assert.deepEqual(nextAction(ending), { do: expected });
      const { wish: _wish, ...idle } = view;
      assert.deepEqual(nextAction({ ...idle, onDevice: undefined, suspended: true }), { do: 'wait' });
    }),
  );
});

test('a wish that the gate refused is not restored, and nothing is tried until the slot is resumed', () => {
  const view: SlotView = {
    closing: false,
    yielding: false,
    suspended: true,
    gateShut: true,
    lastGood: 'a:1',
    wish: { ...NEW_WISH, target: 'b:1', failed: true },
    candidates: ['b:1', 'a:1'],
    tried: new Set(),
    pauseMs: 0,
  };
  assert.deepEqual(nextAction(view), { do: 'end', result: 'failed' });
  assert.deepEqual(nextAction({ ...view, wish: undefined }), { do: 'wait' });
  assert.deepEqual(nextAction({ ...view, wish: undefined, suspended: false }), { do: 'recover', model: 'b:1' });
  assert.deepEqual(nextAction({ ...view, wish: undefined, suspended: false, pauseMs: 7 }), { do: 'wait', ms: 7 });
});
