import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scoringError } from '../errors.js';
import type { ModelReference } from '../model/model-id.js';
import { FakeDevice, fakePackage } from '../testing/fake-device.js';
import { Slot } from './slot.js';
import type { SwapOutcome } from './slot-state.js';

const NAMES = ['a', 'b', 'c'] as const;

type Step =
  | { readonly do: 'wish'; readonly name: string }
  | { readonly do: 'lose' | 'settle' | 'frame' }
  | { readonly do: 'break' | 'mend'; readonly name: string; readonly how: 'package' | 'load' | 'warm-up' };

const name = fc.constantFrom(...NAMES);
const how = fc.constantFrom<('package' | 'load' | 'warm-up')[]>('package', 'load', 'warm-up');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant<'wish'>('wish'), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom<('lose' | 'settle' | 'frame')[]>('lose', 'settle', 'frame') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom<('break' | 'mend')[]>('break', 'mend'), name, how }) },
);

/** Lets everything that is ready happen. */
async function turns(scheduler: fc.Scheduler, most: number): Promise<void> {
  for (let i = 0; i < most; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (scheduler.count() > 0) await scheduler.waitOne();
  }
}

test('whatever is wished, fails or is lost: one model at most, every wish ends, the newest loadable one serves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 25 }), async (scheduler, steps) => {
      const broken = { package: new Set<string>(), load: new Set<string>(), 'warm-up': new Set<string>() };
      const device = new FakeDevice();
      device.onLoad = async ({ id }, signal) => {
        await scheduler.schedule(Promise.resolve(), `load ${id.name}`);
        if (signal?.aborted) throw scoringError('CANCELLED');
        if (broken.load.has(id.name)) throw new Error(`${id.name} does not load`);
      };
      device.onScore = async () => {
        await scheduler.schedule(Promise.resolve(), 'score');
        if (broken['warm-up'].has(device.held?.split(':')[0] ?? '')) throw new Error('does not answer');
      };
      const open = async (reference: ModelReference) => {
        await scheduler.schedule(Promise.resolve(), `open ${reference.name}`);
        if (broken.package.has(reference.name)) throw scoringError('MODEL_NOT_FOUND', reference.name, '/', 'nothing');
        return fakePackage(reference.name);
      };
      const slot = new Slot({ device, open, retry: { initialMs: 0, maxMs: 0, stableMs: 0 } });
      slot.onState(({ state, model }) => {
        if (state !== 'AVAILABLE') return;
        assert.equal(device.held, `${model!.name}:1`, 'AVAILABLE says what the device holds');
      });
      const outcomes: Promise<SwapOutcome>[] = [];
      let newest: string | undefined;
      for (const one of steps) {
        if (one.do === 'wish') {
          newest = one.name;
          outcomes.push(slot.aspire({ name: one.name }, 'test'));
        } else if (one.do === 'lose') device.lose();
        else if (one.do === 'settle') await turns(scheduler, 4);
        else if (one.do === 'break') broken[one.how].add(one.name);
        else if (one.do === 'mend') broken[one.how].delete(one.name);
        else {
          const handle = slot.acquire();
          if (!handle) continue;
          const frame = device.score({ kind: 'images', images: [] });
          frame.catch(() => {}).finally(() => handle.release());
        }
      }
      // From here on nothing changes: every wish must end, and what should serve must serve.
      const loadable = (one: string | undefined) =>
        one !== undefined && !Object.values(broken).some((names) => names.has(one));
      let ended = false;
      const all = Promise.all(outcomes).then((ends) => {
        ended = true;
        return ends;
      });
      for (let i = 0; i < 400 && !ended; i++) await turns(scheduler, 1);
      assert.ok(ended, 'every wish ends');
      const ends = await all;
      const last = ends.at(-1);
      if (last?.result === 'loaded' || last?.result === 'unchanged') assert.equal(last.to, `${newest}:1`);
      if (ends.length > 0 && loadable(newest)) {
        for (let i = 0; i < 100 && slot.state.state !== 'AVAILABLE'; i++) await turns(scheduler, 1);
        assert.equal(slot.state.state, 'AVAILABLE', 'a loadable wish is served in the end');
        const serves = slot.current!.id.name;
        const restored = last!.result === 'restored' || last!.result === 'failed';
        if (!restored) assert.equal(serves, newest);
      }
      const closed = slot.close(0);
      for (let i = 0; i < 100 && slot.state.state !== 'END'; i++) await turns(scheduler, 1);
      for (let i = 0; i < 10; i++) await turns(scheduler, 1);
      await closed;
      assert.equal(device.held, undefined);
      checkLog(device.log);
    }),
    { numRuns: 300 },
  );
});

/** Between two loads there is always an end of the first. */
function checkLog(log: readonly string[]): void {
  let held: string | undefined;
  for (const line of log) {
    const [what, model] = line.split(' ');
    if (what === 'load') {
      assert.equal(held, undefined, log.join(', '));
      held = model;
    } else {
      assert.equal(held, model, log.join(', '));
      held = undefined;
    }
  }
}
