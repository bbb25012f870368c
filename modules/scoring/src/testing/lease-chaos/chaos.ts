import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileLock, loadFileLock } from '@edgeslot/native';
import { Random } from '../random.js';
import { ChaosModule } from './chaos-module.js';
import { DEVICE, findings, Witness } from './witness.js';

export interface ChaosOptions {
  readonly seed: number;
  /** Processes killed with SIGKILL. */
  readonly kills: number;
  /** Modules that share the device. */
  readonly modules?: number;
  /** Mishaps between two rests in which everything must come to an end. */
  readonly burst?: number;
  /** For a rest; far longer than it should take. */
  readonly restTimeoutMs?: number;
}

export interface ChaosReport {
  readonly kills: Readonly<Record<'holder' | 'other', number>>;
  readonly stops: number;
  readonly wishes: number;
  readonly starts: number;
  readonly closes: number;
  /** Times that the device changed hands or was taken anew. */
  readonly epochs: number;
  /** Milliseconds from the last mishap of a burst until one module served and all others waited. */
  readonly convergedMs: readonly number[];
  /** What the witness found; must be empty. */
  readonly findings: readonly string[];
  /** The lock could be had at the end, and no socket was left. */
  readonly left: readonly string[];
}

/**
 * Kills, stops, closes and wishes at random instants, modules that share a device through a lease, and has an independent
 * witness watch the device. What happens is of the seed; when, is of the machine.
 *
 * @throws Error when a burst does not come to rest in time, with what each module shows
 */
export async function leaseChaos(options: ChaosOptions): Promise<ChaosReport> {
  const directory = await mkdtemp(join(tmpdir(), 'edgeslot-chaos-'));
  const chaos = new Chaos(directory, options);
  try {
    return await chaos.run();
  } finally {
    chaos.killAll();
    await rm(directory, { recursive: true, force: true });
  }
}

class Chaos {
  readonly #random: Random;
  readonly #modules: ChaosModule[] = [];
  /** Started and idle, so that a successor is there at once. */
  readonly #spares: ChaosModule[] = [];
  readonly #killed = new Set<number>();
  readonly #convergedMs: number[] = [];
  readonly #counts = { holder: 0, other: 0, stops: 0, wishes: 0, starts: 0, closes: 0 };
  #processes = 0;
  #wake = () => {};

  constructor(
    private readonly directory: string,
    private readonly options: ChaosOptions,
  ) {
    this.#random = new Random(options.seed);
  }

  async run(): Promise<ChaosReport> {
    const { kills, modules = 3, burst = 8 } = this.options;
    for (let i = 0; i < modules; i++) this.#spares.push(this.#spare());
    for (let i = 0; i < modules; i++) this.#start(i);
    await this.#rest();
    while (this.#counts.holder + this.#counts.other < kills) {
      for (let i = 0; i < burst; i++) {
        await pause(this.#random.below(40));
        await this.#mishap();
      }
      await this.#rest();
    }
    await this.#closeAll();
    return this.#report();
  }

  killAll(): void {
    for (const module of [...this.#modules, ...this.#spares]) if (!module.gone) module.signal('SIGKILL');
  }

  #start(index: number): void {
    const module = this.#spares.shift()!;
    this.#spares.push(this.#spare());
    module.tell(`wish ${this.#model()}`);
    this.#modules[index] = module;
    this.#counts.starts++;
  }

  #spare(): ChaosModule {
    return new ChaosModule(this.directory, `m${++this.#processes}`, () => this.#wake());
  }

  #model(): string {
    return this.#random.below(2) === 0 ? 'a' : 'b';
  }

  async #mishap(): Promise<void> {
    const dice = this.#random.below(10);
    const any = this.#random.below(this.#modules.length);
    const holder = this.#modules.findIndex(({ serves }) => serves);
    const index = dice % 2 === 0 && holder !== -1 ? holder : any;
    const victim = this.#modules[index]!;
    if (dice < 6) {
      this.#counts[victim.serves ? 'holder' : 'other']++;
      this.#kill(victim);
      this.#start(index);
    } else if (dice < 8) {
      this.#counts.wishes++;
      victim.tell(`wish ${this.#model()}`);
    } else if (dice < 9) {
      this.#counts.stops++;
      victim.signal('SIGSTOP');
      await pause(this.#random.below(60));
      victim.signal('SIGCONT');
    } else {
      this.#counts.closes++;
      victim.tell('close');
      await this.#until(() => victim.gone, 'one that was asked to close is there');
      this.#start(index);
    }
  }

  #kill(module: ChaosModule): void {
    this.#killed.add(module.pid);
    module.signal('SIGKILL');
  }

  async #rest(): Promise<void> {
    const from = performance.now();
    const calm = () =>
      this.#modules.every(({ settled }) => settled) && this.#modules.filter(({ serves }) => serves).length === 1;
    await this.#until(calm, 'no single module serves while the others wait');
    this.#convergedMs.push(performance.now() - from);
  }

  async #closeAll(): Promise<void> {
    const all = [...this.#modules, ...this.#spares];
    for (const module of all) module.tell('close');
    await this.#until(() => all.every(({ gone }) => gone), 'not all have closed');
  }

  /** Waits for what the modules show. */
  async #until(what: () => boolean, otherwise: string): Promise<void> {
    const end = performance.now() + (this.options.restTimeoutMs ?? 120_000);
    while (!what()) {
      const left = end - performance.now();
      if (left <= 0) {
        const shown = this.#modules.map(
          ({ name, pid, shown, gone }) => `${name} ${pid} ${JSON.stringify(shown)} ${gone}`,
        );
        throw new Error(`${otherwise}: ${shown.join('; ')}`);
      }
      const timer = setTimeout(() => this.#wake(), left);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      clearTimeout(timer);
    }
  }

  #report(): ChaosReport {
    const { holder, other, ...counts } = this.#counts;
    const uses = new Witness(this.directory).uses();
    return {
      kills: { holder, other },
      ...counts,
      epochs: Math.max(...uses.map(({ epoch }) => epoch)),
      convergedMs: this.#convergedMs,
      findings: findings(uses, this.#killed),
      left: this.#left(),
    };
  }

  #left(): string[] {
    const locks = loadFileLock() as FileLock;
    const fd = openSync(join(this.directory, `${DEVICE}.lease`), 'r');
    try {
      const held = locks.tryLock(fd) ? [] : ['the lock is held'];
      return existsSync(join(this.directory, `${DEVICE}.sock`)) ? [...held, 'a socket is left'] : held;
    } finally {
      closeSync(fd);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
