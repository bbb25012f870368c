import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ModuleExit } from '../agent/module-engine.js';
import type { Launch } from './launch.js';
import { LineSplitter } from './line-splitter.js';

export interface ProcessCallbacks {
  readonly onLine: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Once, whatever ended it. */
  readonly onExit: (exit: ModuleExit) => void;
}

const STREAMS_AFTER_EXIT_MS = 1_000;

/** One module as a process group of its own: a Ctrl-C in the terminal reaches the runtime only, which stops modules in order. */
export class ModuleProcess {
  readonly pid: number;
  readonly exited: Promise<ModuleExit>;
  #exit: ModuleExit | undefined;

  private constructor(
    private readonly child: ChildProcess,
    pid: number,
    callbacks: ProcessCallbacks,
  ) {
    this.pid = pid;
    let resolve: (exit: ModuleExit) => void = () => {};
    this.exited = new Promise((done) => {
      resolve = done;
    });
    const drained = (['stdout', 'stderr'] as const).map((name) => this.#read(name, callbacks));
    child.on('error', () => {});
    child.once('exit', (code, signal) => {
      // The module is gone; what it started must not stay.
      this.#signalGroup('SIGKILL');
      const exit = describeExit(code, signal);
      this.#exit = exit;
      callbacks.onExit(exit);
      const late = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, STREAMS_AFTER_EXIT_MS);
      void Promise.all(drained).then(() => {
        clearTimeout(late);
        resolve(exit);
      });
    });
  }

  /** Resolves when the process runs; rejects with a readable reason when it cannot be started. */
  static async spawn(launch: Launch, callbacks: ProcessCallbacks): Promise<ModuleProcess> {
    const child = spawn(launch.file, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(launch.watchPipe ? (['pipe'] as const) : [])],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`cannot start ${launch.file}: ${error.message}`)));
    });
    const { pid } = child;
    if (pid === undefined) throw new Error(`cannot start ${launch.file}: it has no process id`);
    return new ModuleProcess(child, pid, callbacks);
  }

  /** `signal`, then SIGKILL after `timeoutMs`; resolves when nothing of the process group runs any more. */
  async stop(signal: NodeJS.Signals, timeoutMs: number): Promise<ModuleExit> {
    if (this.#exit !== undefined) return this.exited;
    this.child.kill(signal);
    const killer = setTimeout(() => this.#signalGroup('SIGKILL'), timeoutMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(killer);
    }
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }

  #read(name: 'stdout' | 'stderr', { onLine }: ProcessCallbacks): Promise<void> {
    const stream = this.child[name];
    if (stream === null) return Promise.resolve();
    const splitter = new LineSplitter((line) => onLine(name, line));
    stream.on('data', (chunk: Buffer) => splitter.push(chunk));
    stream.on('error', () => {});
    return new Promise((resolve) => {
      stream.once('close', () => {
        splitter.end();
        resolve();
      });
    });
  }
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): ModuleExit {
  if (signal !== null) return { code: 128 + (constants.signals[signal] ?? 0), description: `ended by ${signal}` };
  return { code: code ?? 0, description: `exit code ${code ?? 0}` };
}
