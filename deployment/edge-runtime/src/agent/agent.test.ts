import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ModuleSpec } from '../manifest/deployment.js';
import { readManifest } from '../manifest/read-manifest.js';
import { FakeClock } from '../testing/fake-clock.js';
import { type FixtureModule, fixtureManifest } from '../testing/test-runtime.js';
import { Agent } from './agent.js';
import type { ModuleEngine, ModuleExit } from './module-engine.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

function specs(modules: Readonly<Record<string, FixtureModule>>): readonly ModuleSpec[] {
  return readManifest(fixtureManifest(modules)).modules;
}

/** Does nothing but remember, and checks that the agent never asks for what cannot be. */
class FakeEngine implements ModuleEngine {
  readonly calls: string[] = [];
  readonly running = new Map<string, (exit: ModuleExit) => void>();
  readonly created = new Set<string>();
  refuse: ((call: string) => boolean) | undefined;

  pull = async (spec: ModuleSpec) => this.#call(`pull ${spec.name}`);
  create = async ({ name }: ModuleSpec) => {
    assert.ok(!this.created.has(name), `${name} is created twice`);
    this.#call(`create ${name}`);
    this.created.add(name);
  };
  start = async (name: string, onExit: (exit: ModuleExit) => void) => {
    assert.ok(this.created.has(name) && !this.running.has(name), `${name} is started out of turn`);
    this.#call(`start ${name}`);
    this.running.set(name, onExit);
  };
  stop = async (name: string): Promise<ModuleExit> => {
    this.#call(`stop ${name}`);
    this.running.delete(name);
    return { code: 0, description: 'exit code 0' };
  };
  remove = async (name: string) => {
    assert.ok(!this.running.has(name), `${name} is removed while it runs`);
    this.#call(`remove ${name}`);
    this.created.delete(name);
  };

  die(name: string, code: number): void {
    const onExit = this.running.get(name);
    this.running.delete(name);
    onExit?.({ code, description: `exit code ${code}` });
  }

  take(): string[] {
    return this.calls.splice(0);
  }

  #call(call: string): void {
    this.calls.push(call);
    if (this.refuse?.(call)) throw new Error(`refused: ${call}`);
  }
}

function setUp() {
  const engine = new FakeEngine();
  const clock = new FakeClock();
  const events: string[] = [];
  const agent = new Agent({
    engine,
    clock,
    onEvent: (module, kind, text) => events.push(`${module} ${kind}: ${text}`),
    onChange: () => {},
  });
  return { engine, clock, events, agent };
}

describe('the agent', () => {
  it('starts in order, changes only what changed, and removes first', async () => {
    const { engine, agent } = setUp();
    await agent.setDesired(specs({ late: { startupOrder: 2 }, early: { startupOrder: 1 }, gone: { startupOrder: 3 } }));
    assert.deepEqual(
      engine.take().filter((call) => call.startsWith('start')),
      ['start early', 'start late', 'start gone'],
    );
    await agent.setDesired(
      specs({ early: { startupOrder: 1, env: { A: '1' } }, late: { startupOrder: 2 }, idle: { status: 'stopped' } }),
    );
    assert.deepEqual(engine.take(), [
      'stop gone',
      'remove gone',
      'pull early',
      'stop early',
      'remove early',
      'create early',
      'start early',
      'pull idle',
      'create idle',
    ]);
    await agent.setDesired(
      specs({ early: { startupOrder: 1, env: { A: '1' } }, late: { startupOrder: 2, status: 'stopped' }, idle: {} }),
    );
    assert.deepEqual(engine.take(), ['stop late', 'start idle']);
    await agent.stop();
  });

  it('stops everything at once, and tells the last in the starting order first', async () => {
    const { engine, agent } = setUp();
    await agent.setDesired(specs({ asked: {}, asker: {}, early: { startupOrder: 1 }, idle: { status: 'stopped' } }));
    await agent.setDesired(
      specs({ asked: { env: { A: '2' } }, asker: {}, early: { startupOrder: 1 }, idle: { status: 'stopped' } }),
    );
    engine.take();
    const stopped = agent.stop();
    await Promise.resolve();
    assert.deepEqual(engine.take(), ['stop asker', 'stop asked', 'stop early']);
    await stopped;
    assert.equal(engine.created.size, 0);
  });

  it('walks through every back-off, gives up after 20, and takes a new deployment as a new chance', async () => {
    const { engine, clock, agent } = setUp();
    const desired = specs({ m: {} });
    await agent.setDesired(desired);
    const waits: number[] = [];
    for (let restart = 0; restart < 20; restart++) {
      engine.die('m', 1);
      assert.equal(agent.modules.get('m')?.runtimeStatus, 'backoff');
      const from = clock.now();
      while (!engine.running.has('m')) await clock.advance(SECOND);
      waits.push(Math.round((clock.now() - from) / SECOND));
      assert.equal(agent.modules.get('m')?.restartCount, restart + 1);
    }
    assert.deepEqual(waits, [10, 20, 40, 80, 160, ...Array(15).fill(300)]);
    engine.die('m', 1);
    await clock.advance(60 * MINUTE);
    assert.equal(agent.modules.get('m')?.runtimeStatus, 'failed');
    assert.ok(!engine.running.has('m'));
    await agent.setDesired(desired);
    await clock.advance(10 * SECOND);
    assert.equal(agent.modules.get('m')?.runtimeStatus, 'running');
    assert.equal(agent.modules.get('m')?.restartCount, 0);
    await agent.stop();
  });

  it('forgets restarts after ten healthy minutes', async () => {
    const { engine, clock, agent } = setUp();
    await agent.setDesired(specs({ m: {} }));
    engine.die('m', 1);
    await clock.advance(10 * SECOND);
    await clock.advance(9 * MINUTE);
    assert.equal(agent.modules.get('m')?.restartCount, 1);
    await clock.advance(MINUTE + 5 * SECOND);
    assert.equal(agent.modules.get('m')?.restartCount, 0);
    await agent.stop();
  });

  for (const [policy, code, restarts] of [
    ['never', 0, false],
    ['never', 1, false],
    ['on-failure', 0, true],
    ['on-failure', 1, true],
    ['on-unhealthy', 0, true],
    ['always', 0, true],
  ] as const) {
    it(`${restarts ? 'restarts' : 'leaves'} a module with the policy ${policy} that ends with ${code}`, async () => {
      const { engine, clock, agent } = setUp();
      await agent.setDesired(specs({ m: { restartPolicy: policy } }));
      engine.die('m', code);
      await clock.advance(MINUTE);
      assert.equal(engine.running.has('m'), restarts);
      assert.equal(agent.modules.get('m')?.restartCount, restarts && (code !== 0 || policy === 'always') ? 1 : 0);
      await agent.stop();
    });
  }

  it('keeps the old module when the new image cannot be had, and tries again later and later', async () => {
    const { engine, clock, events, agent } = setUp();
    await agent.setDesired(specs({ m: {} }));
    engine.take();
    engine.refuse = (call) => call === 'pull m';
    await agent.setDesired(specs({ m: { image: 'new' } }));
    assert.ok(engine.running.has('m'));
    assert.equal(agent.failures.get('m'), 'refused: pull m');
    assert.equal(agent.modules.get('m')?.runtimeStatus, 'running');
    await clock.advance(35 * SECOND);
    assert.deepEqual(engine.take(), ['pull m', 'pull m', 'pull m']);
    await clock.advance(24 * 60 * MINUTE);
    assert.equal(engine.take().length, 18);
    assert.match(events.at(-1) ?? '', /given up until the next deployment/);
    engine.refuse = undefined;
    await agent.setDesired(specs({ m: { image: 'new' } }));
    assert.deepEqual(engine.take(), ['pull m', 'stop m', 'remove m', 'create m', 'start m']);
    await agent.stop();
  });

  it('tries a start that failed again, without another create', async () => {
    const { engine, clock, agent } = setUp();
    engine.refuse = (call) => call === 'start m';
    await agent.setDesired(specs({ m: {} }));
    assert.equal(agent.modules.get('m')?.runtimeStatus, 'failed');
    engine.refuse = undefined;
    engine.take();
    await clock.advance(15 * SECOND);
    assert.deepEqual(engine.take(), ['start m']);
    assert.equal(agent.failures.size, 0);
    await agent.stop();
  });

  it('restarts by hand at once, whatever the back-off', async () => {
    const { engine, agent } = setUp();
    await agent.setDesired(specs({ m: {} }));
    engine.die('m', 1);
    await agent.restart('m');
    assert.ok(engine.running.has('m'));
    assert.equal(agent.modules.get('m')?.restartCount, 0);
    await assert.rejects(agent.restart('x'), /known are m/);
    await agent.stop();
    assert.equal(engine.created.size, 0);
  });

  it('reaches any desired state from any other, through exits and refusals', async () => {
    const module = fc.record({
      env: fc.record({ A: fc.constantFrom('1', '2') }),
      status: fc.constantFrom('running', 'stopped'),
      startupOrder: fc.nat(3),
    });
    const deployment = fc.dictionary(fc.constantFrom('a', 'b', 'c'), module, { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(deployment, fc.constantFrom('a', 'b', 'c'), fc.constantFrom('pull', 'create', 'start', 'none')),
          { minLength: 1, maxLength: 6 },
        ),
        async (rounds) => {
          const { engine, clock, agent } = setUp();
          for (const [modules, victim, trouble] of rounds) {
            engine.refuse = (call) => call === `${trouble} ${victim}`;
            await agent.setDesired(specs(modules));
            engine.die(victim, 1);
            engine.refuse = undefined;
            await clock.advance(10 * MINUTE);
            const wanted = Object.entries(modules)
              .filter(([, { status }]) => status === 'running')
              .map(([name]) => name);
            assert.deepEqual([...engine.running.keys()].sort(), wanted.sort());
            assert.deepEqual([...engine.created].sort(), Object.keys(modules).sort());
            assert.equal(agent.failures.size, 0);
          }
          await agent.stop();
          assert.equal(engine.running.size + engine.created.size, 0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
