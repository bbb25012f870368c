import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scoringError } from '../errors.js';
import type { ModelReference } from '../model/model-id.js';
import { fakePackage, PreparingDevice } from '../testing/fake-device.js';
import type { DeviceGate } from './device-gate.js';
import { Slot } from './slot.js';
import type { SwapOutcome } from './slot-state.js';

const NAMES = ['a', 'b', 'c'] as const;
const FAULTS = ['package', 'preparation', 'first frame', 'load', 'warm-up'] as const;

type Fault = (typeof FAULTS)[number];

type Step =
  | { readonly do: 'wish'; readonly name: string }
  | { readonly do: 'lose' | 'settle' | 'frame' | 'reload' | 'yield' | 'resume' | 'shut the gate' | 'open the gate' }
  | { readonly do: 'break' | 'mend'; readonly name: string; readonly how: Fault };

const name = fc.constantFrom(...NAMES);
const how = fc.constantFrom(...FAULTS);
const one = <const T extends Step['do']>(...names: T[]) => fc.record({ do: fc.constantFrom(...names) });
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wish'), name }) },
  { weight: 3, arbitrary: one('lose', 'settle', 'frame', 'reload') },
  { weight: 2, arbitrary: one('yield', 'resume', 'shut the gate', 'open the gate') },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('break', 'mend'), name, how }) },
) as fc.Arbitrary<Step>;

/** A slot whose every wait ends when the scheduler says so, and who may use its device. */
class World {
  readonly device = new PreparingDevice();
  readonly slot: Slot;
  readonly outcomes: Promise<SwapOutcome>[] = [];
  readonly yields: Promise<void>[] = [];
  readonly #broken = new Map<Fault, Set<string>>(FAULTS.map((fault) => [fault, new Set()]));
  #gateOpen = true;
  /** The gate was passed and the device not given up since. */
  #leased = false;
  newest: string | undefined;

  constructor(private readonly scheduler: fc.Scheduler) {
    const { device } = this;
    device.onPrepare = async ({ id }, signal) => {
      await this.#stage('preparation', id.name);
      if (signal.aborted) throw scoringError('CANCELLED');
    };
    device.onTry = ({ id }) => this.#stage('first frame', id.name);
    device.onLoad = async ({ id }, signal) => {
      assert.ok(this.#leased, 'nothing is loaded before the gate is passed');
      await this.#stage('load', id.name);
      if (signal?.aborted) throw scoringError('CANCELLED');
    };
    device.onScore = () => this.#stage('warm-up', device.held?.split(':')[0] ?? '');
    const open = async (reference: ModelReference) => {
      await this.#stage('package', reference.name);
      return fakePackage(reference.name);
    };
    const leased = () => this.#leased;
    const gate: DeviceGate = {
      get open() {
        return leased();
      },
      pass: async () => {
        await this.scheduler.schedule(Promise.resolve(), 'gate');
        if (!this.#gateOpen && !this.#leased) throw scoringError('LEASE_BUSY', 'emulator', 'another', 'keeps it');
        this.#leased = true;
      },
    };
    this.slot = new Slot({ device, open, gate, retry: { initialMs: 0, maxMs: 0, stableMs: 0 } });
    this.slot.onState(({ state, model }) => {
      if (state === 'AVAILABLE') assert.equal(device.held, `${model!.name}:1`, 'AVAILABLE says what the device holds');
    });
  }

  async #stage(fault: Fault, model: string): Promise<void> {
    await this.scheduler.schedule(Promise.resolve(), `${fault} of ${model}`);
    if (this.#broken.get(fault)!.has(model)) throw scoringError('PACKAGE_GRAPH', model, fault, 'good', 'bad');
  }

  async take(step: Step): Promise<void> {
    const { slot, device } = this;
    if (step.do === 'wish') {
      this.newest = step.name;
      this.outcomes.push(slot.aspire({ name: step.name }, 'test'));
    } else if (step.do === 'reload') {
      const reloaded = slot.reload('test');
      if (reloaded) this.outcomes.push(reloaded);
    } else if (step.do === 'break') this.#broken.get(step.how)!.add(step.name);
    else if (step.do === 'mend') this.#broken.get(step.how)!.delete(step.name);
    else if (step.do === 'lose') device.lose();
    else if (step.do === 'settle') await this.turns(5);
    else if (step.do === 'shut the gate') this.#gateOpen = false;
    else if (step.do === 'open the gate') this.#gateOpen = true;
    else if (step.do === 'resume') this.resume();
    else if (step.do === 'yield') this.#yield();
    else this.#frame();
  }

  /** Nothing is broken any longer, and the device is free. */
  mendAll(): void {
    for (const names of this.#broken.values()) names.clear();
    this.#gateOpen = true;
  }

  resume(): void {
    this.slot.resume();
  }

  /** Lets what is ready happen, and so on. */
  async turns(most: number, done: () => boolean = () => false): Promise<void> {
    for (let turn = 0; turn < most && !done(); turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.scheduler.count() > 0) await this.scheduler.waitOne();
    }
  }

  #yield(): void {
    const error = scoringError('LEASE_HANDED_OVER', 'emulator', 'another');
    const given = this.slot.yield(error, 0).then(() => {
      assert.equal(this.device.held, undefined, 'what is given up is empty');
      this.#leased = false;
    });
    this.yields.push(given);
  }

  #frame(): void {
    const handle = this.slot.acquire();
    if (!handle) return;
    const frame = this.device.score({ kind: 'images', images: [] });
    frame.catch(() => {}).finally(() => handle.release());
  }
}

test('whatever is wished, fails, is lost or given up: one model at most, every wish ends, the newest serves once it can', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(step, { maxLength: 30 }), async (scheduler, steps) => {
      const world = new World(scheduler);
      const { slot, device, outcomes } = world;
      for (const one of steps) await world.take(one);
      // From here on nothing fails: every wish must end.
      world.mendAll();
      let ended = false;
      const all = Promise.all([...outcomes, ...world.yields]).then(() => {
        ended = true;
      });
      await world.turns(500, () => ended);
      assert.ok(ended, 'every wish and every giving up ends');
      await all;
      const ids = await Promise.all(outcomes.map(async (outcome) => (await outcome).id));
      const told = new Set(slot.history.map(({ id }) => id));
      for (const id of ids.slice(-15)) assert.ok(told.has(id), `wish ${id} is in the history`);

      if (world.newest !== undefined) {
        world.resume();
        const serves = () => slot.state.state === 'AVAILABLE';
        await world.turns(200, serves);
        assert.ok(serves(), 'what can be served is served in the end');
        const again = slot.aspire({ name: world.newest }, 'test');
        let last: SwapOutcome | undefined;
        void again.then((outcome) => {
          last = outcome;
        });
        await world.turns(200, () => last !== undefined);
        assert.ok(last?.result === 'loaded' || last?.result === 'unchanged', `${last?.result} ${last?.error?.text}`);
        assert.equal(device.held, `${world.newest}:1`);
      }
      let closed = false;
      const closing = slot.close(0).then(() => {
        closed = true;
      });
      await world.turns(200, () => closed);
      await closing;
      assert.deepEqual([device.held, device.ready, slot.state.state], [undefined, undefined, 'END']);
      checkLog(device.log);
    }),
    { numRuns: 150 },
  );
});

/** Between two loads there is always an end of the first, and what was prepared is loaded or given up before the next. */
function checkLog(log: readonly string[]): void {
  let held: string | undefined;
  let prepared: string | undefined;
  for (const line of log) {
    const [what, model] = line.replace('give up', 'drop').split(' ');
    const text = `${line} in ${log.join(', ')}`;
    if (what === 'load') {
      assert.equal(held, undefined, text);
      held = model;
      prepared = undefined;
    } else if (what === 'prepare') {
      assert.equal(prepared, undefined, text);
      prepared = model;
    } else if (what === 'drop') {
      assert.equal(prepared, model, text);
      prepared = undefined;
    } else {
      assert.equal(held, model, text);
      held = undefined;
    }
  }
}
