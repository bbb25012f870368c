import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { EDGESLOT, ROOT } from './checkout.js';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of ours, running: its output so far, and how it ended. */
export class RunningCommand {
  stdout = '';
  stderr = '';
  readonly finished: Promise<Finished>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.finished = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Everything it printed, for the message of a failed assertion. */
  get output(): string {
    return `--- stdout\n${this.stdout}\n--- stderr\n${this.stderr}`;
  }

  /** Sends the signal, and waits until it has ended; SIGKILL when it outlives the bound. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', boundMs = 30_000): Promise<Finished> {
    const killer = setTimeout(() => this.child.kill('SIGKILL'), boundMs);
    if (this.running) this.child.kill(signal);
    const result = await this.finished;
    clearTimeout(killer);
    return result;
  }
}

/** Starts `edgeslot ARGS…` as its own process, without colour and without a terminal. */
export function startEdgeslot(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): RunningCommand {
  return new RunningCommand(
    spawn(process.execPath, [EDGESLOT, ...args], {
      cwd: options.cwd ?? ROOT,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Runs `edgeslot ARGS…` to its end; it is killed after the bound. */
export async function edgeslot(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; boundMs?: number } = {},
): Promise<Finished> {
  const command = startEdgeslot(args, options);
  const killer = setTimeout(() => command.child.kill('SIGKILL'), options.boundMs ?? 120_000);
  const result = await command.finished;
  clearTimeout(killer);
  return result;
}
