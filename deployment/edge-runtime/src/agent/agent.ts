import type { ModuleSpec } from '../manifest/deployment.js';
import type { Clock } from './clock.js';
import type { ModuleEngine, ModuleExit } from './module-engine.js';
import { type AgentEventKind, type ModuleRecord, type MutableRecord, newRecord } from './module-record.js';
import { type CurrentModule, inStartOrder, type ModulePlan, plan, type Step } from './planner.js';
import { backoffMs, decideRestart, HEALTHY_AFTER_MS, MAX_RESTARTS, RECONCILE_INTERVAL_MS } from './restart-policy.js';

interface FailedSteps {
  text: string;
  count: number;
  retryAt: number;
}

export interface AgentOptions {
  readonly engine: ModuleEngine;
  readonly clock: Clock;
  readonly onEvent: (module: string, kind: AgentEventKind, text: string) => void;
  /** Called after anything changed, for reported properties. */
  readonly onChange: () => void;
}

const SHORTEST_WAIT_MS = 10;

/** The reconcile loop of edgeAgent: brings modules to the desired state, restarts what ends, backs off, gives up after 20. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #modules = new Map<string, MutableRecord>();
  /** Commands that failed, by module: retried after 10 s · 2^n, at most 20 times a deployment. */
  readonly #failures = new Map<string, FailedSteps>();
  #desired: readonly ModuleSpec[] = [];
  #queue: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  #stopping = false;

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  get modules(): ReadonlyMap<string, ModuleRecord> {
    return this.#modules;
  }

  /** Names of modules whose last command failed, with the reason. */
  get failures(): ReadonlyMap<string, string> {
    return new Map([...this.#failures].map(([name, { text }]) => [name, text]));
  }

  /** Takes a new desired state; resolves when one pass over it is done. A failed module does not fail the pass. */
  setDesired(desired: readonly ModuleSpec[]): Promise<void> {
    this.#desired = desired;
    this.#failures.clear();
    for (const record of this.#modules.values()) {
      // A new deployment is a new chance for a module that was given up.
      if (record.runtimeStatus === 'failed' && record.restartCount >= MAX_RESTARTS) this.#forgive(record);
    }
    return this.reconcile();
  }

  reconcile(): Promise<void> {
    return this.#enqueue(() => this.#pass());
  }

  /** Stops and starts a module, whatever its state, and forgets its restarts. */
  restart(name: string): Promise<void> {
    return this.#enqueue(async () => {
      const record = this.#modules.get(name);
      if (record === undefined)
        throw new Error(
          `there is no module ${JSON.stringify(name)}; known are ${[...this.#modules.keys()].join(', ') || 'none'}`,
        );
      if (record.running) await this.#step('stop', name);
      record.restartCount = 0;
      this.#failures.delete(name);
      if (record.created) await this.#tryStart(record, false);
      this.#plan(0);
    });
  }

  /** Stops every module and ends the loop: all at once, but who starts last hears of it first, so that askers end before those they ask. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelTimer?.();
    await this.#queue;
    const running = [...this.#modules.values()].filter((record) => record.running).map(({ spec }) => spec);
    const lastFirst = inStartOrder(running).reverse();
    await Promise.all(lastFirst.map(({ name }) => this.#step('stop', name).catch(() => {})));
    await Promise.all([...this.#modules.keys()].map((name) => this.#step('remove', name).catch(() => {})));
    for (const record of this.#modules.values())
      Object.assign(record, { runtimeStatus: 'unknown', description: 'Agent is not running' });
    this.#options.onChange();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(() => (this.#stopping ? undefined : work()));
    this.#queue = result.catch(() => {});
    return result;
  }

  async #pass(): Promise<void> {
    this.#cancelTimer?.();
    const { clock } = this.#options;
    const plans = plan(this.#desired, this.#planned());
    for (const name of this.#failures.keys()) if (!plans.some((one) => one.name === name)) this.#failures.delete(name);
    for (const name of this.#modules.keys())
      if (!this.#wanted(name) && !this.#modules.get(name)?.created) this.#forget(name);
    for (const one of plans) {
      if (this.#stopping) return;
      const failure = this.#failures.get(one.name);
      if (failure !== undefined && (failure.count > MAX_RESTARTS || failure.retryAt > clock.now())) continue;
      await this.#execute(one);
    }
    for (const record of this.#modules.values()) {
      if (this.#stopping) return;
      await this.#tend(record);
    }
    this.#plan(RECONCILE_INTERVAL_MS);
  }

  #wanted(name: string): boolean {
    return this.#desired.some((spec) => spec.name === name);
  }

  #forget(name: string): void {
    this.#modules.delete(name);
    this.#options.onEvent(name, 'removed', 'removed');
  }

  #planned(): Map<string, CurrentModule> {
    return new Map([...this.#modules].filter(([, record]) => record.created));
  }

  async #execute({ name, steps, spec }: ModulePlan): Promise<void> {
    const fresh = !this.#modules.has(name);
    try {
      for (const step of steps) {
        if (this.#stopping) return;
        await this.#step(step, name, spec);
      }
      // A changed status alone, or a module that stays stopped.
      const record = this.#modules.get(name);
      if (record !== undefined && spec !== undefined) record.spec = spec;
      this.#failures.delete(name);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const count = (this.#failures.get(name)?.count ?? 0) + 1;
      this.#failures.set(name, { text, count, retryAt: this.#options.clock.now() + backoffMs(count - 1) });
      if (fresh && spec !== undefined && !this.#modules.has(name)) this.#modules.set(name, newRecord(spec));
      const record = this.#modules.get(name);
      if (record === undefined) return;
      record.description = text;
      // A failed pull leaves the old module running, with the reason beside it.
      if (!record.running) record.runtimeStatus = 'failed';
      const again =
        count > MAX_RESTARTS ? 'given up until the next deployment' : `next try in ${backoffMs(count - 1) / 1000} s`;
      this.#options.onEvent(name, 'failed', `${text} (${again})`);
      this.#options.onChange();
    }
  }

  async #step(step: Step, name: string, spec?: ModuleSpec): Promise<void> {
    const { engine, onEvent, onChange, clock } = this.#options;
    const record = this.#modules.get(name);
    if (step === 'pull' && spec !== undefined) return engine.pull(spec);
    if (step === 'create' && spec !== undefined) {
      onEvent(name, 'creating', `creating from ${spec.image}`);
      await engine.create(spec);
      this.#modules.set(name, { ...newRecord(spec), created: true });
    } else if (record === undefined) return;
    else if (step === 'start') {
      await this.#start(record);
    } else if (step === 'stop') {
      onEvent(name, 'stopping', 'stopping');
      const exit = await engine.stop(name);
      Object.assign(record, {
        running: false,
        runtimeStatus: 'stopped',
        exitCode: exit.code,
        description: exit.description,
        lastExitTime: clock.now(),
      });
      delete record.nextRestart;
      onEvent(name, 'stopped', `stopped: ${exit.description}`);
    } else if (step === 'remove') {
      if (record.created) await engine.remove(name);
      record.created = false;
      delete record.nextRestart;
      if (!this.#stopping && !this.#wanted(name)) this.#forget(name);
    }
    onChange();
  }

  async #start(record: MutableRecord): Promise<void> {
    const { engine, clock, onEvent, onChange } = this.#options;
    const { name } = record.spec;
    delete record.nextRestart;
    const startTime = clock.now();
    await engine.start(name, (exit) => this.#exited(record, exit));
    Object.assign(record, {
      started: true,
      running: true,
      runtimeStatus: 'running',
      description: 'running',
      lastStartTime: startTime,
    });
    onEvent(name, 'started', 'started');
    onChange();
  }

  #exited(record: MutableRecord, exit: ModuleExit): void {
    const { clock, onEvent, onChange } = this.#options;
    const { name } = record.spec;
    const now = clock.now();
    const failed = exit.code !== 0;
    Object.assign(record, {
      running: false,
      runtimeStatus: failed ? 'failed' : 'stopped',
      exitCode: exit.code,
      description: exit.description,
      lastExitTime: now,
    });
    onEvent(name, 'exited', exit.description);
    if (record.spec.status === 'running') this.#judge(record, now);
    onChange();
    if (!this.#stopping) this.#plan(this.#untilNext());
  }

  #judge(record: MutableRecord, now: number): void {
    const { onEvent } = this.#options;
    const decision = decideRestart(
      record.spec.restartPolicy,
      record.exitCode,
      record.restartCount,
      record.lastExitTime ?? now,
      now,
    );
    if (decision.kind === 'failed') {
      record.runtimeStatus = 'failed';
      onEvent(
        record.spec.name,
        'failed',
        `given up after ${MAX_RESTARTS} restarts, until the next deployment or a restart by hand`,
      );
    } else if (decision.kind === 'restart') {
      record.nextRestart = { at: decision.at, counted: decision.counted };
      if (!decision.counted) return;
      record.runtimeStatus = 'backoff';
      onEvent(
        record.spec.name,
        'backoff',
        `restart ${record.restartCount + 1} of ${MAX_RESTARTS} in ${Math.ceil((decision.at - now) / 1000)} s`,
      );
    }
  }

  /** Restarts what is due, and forgives a module that has run well for ten minutes. */
  async #tend(record: MutableRecord): Promise<void> {
    const now = this.#options.clock.now();
    if (record.running && record.restartCount > 0 && now - (record.lastStartTime ?? now) >= HEALTHY_AFTER_MS) {
      record.restartCount = 0;
      this.#options.onChange();
    }
    const due = record.nextRestart;
    if (record.created && !record.running && due !== undefined && due.at <= now)
      await this.#tryStart(record, due.counted);
  }

  async #tryStart(record: MutableRecord, counted: boolean): Promise<void> {
    const now = this.#options.clock.now();
    if (counted) record.restartCount++;
    record.lastRestartTime = now;
    try {
      await this.#start(record);
    } catch (error) {
      // A start that fails is an exit: it waits longer each time.
      this.#exited(record, { code: 127, description: error instanceof Error ? error.message : String(error) });
    }
  }

  #forgive(record: MutableRecord): void {
    record.restartCount = 0;
    if (record.created) record.nextRestart = { at: this.#options.clock.now(), counted: false };
  }

  #untilNext(): number {
    const now = this.#options.clock.now();
    const due = [...this.#modules.values()].flatMap(({ nextRestart }) =>
      nextRestart === undefined ? [] : [nextRestart.at],
    );
    const retries = [...this.#failures.values()]
      .filter(({ count }) => count <= MAX_RESTARTS)
      .map(({ retryAt }) => retryAt);
    return Math.max(SHORTEST_WAIT_MS, Math.min(RECONCILE_INTERVAL_MS, ...[...due, ...retries].map((at) => at - now)));
  }

  #plan(delayMs: number): void {
    this.#cancelTimer?.();
    if (this.#stopping) return;
    this.#cancelTimer = this.#options.clock.schedule(() => void this.reconcile(), Math.min(delayMs, this.#untilNext()));
  }
}
