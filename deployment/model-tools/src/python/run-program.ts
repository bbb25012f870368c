import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a program wrote last is what tells why it failed. */
const KEPT_OF_ERRORS = 8000;
/** A program that is told to stop may clean up for this long. */
const GRACE_MS = 3000;

export interface RunProgramOptions {
  /** One line for its standard input, which stays open until it has ended. */
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: string) => void;
}

export interface EndedProgram {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  /** The end of what it wrote to standard error. */
  readonly errors: string;
  readonly timedOut: boolean;
}

/**
 * Runs a program and all that it starts as a group of their own, so that none of them outlives an abort or a time-out.
 *
 * Rejects with the signal's reason, and with ENOENT or EACCES when there is no such program.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: RunProgramOptions,
): Promise<EndedProgram> {
  const { input, cwd, env, timeoutMs, signal, onLine } = options;
  signal?.throwIfAborted();
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  let timedOut = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-KEPT_OF_ERRORS);
  });
  createInterface({ input: child.stdout }).on('line', (line) => onLine?.(line));
  child.stdin.on('error', () => {}); // it ended early: the exit code tells
  if (input !== undefined) child.stdin.write(`${input}\n`);

  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    killGroup(child, 'SIGTERM');
    killer ??= setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    signal?.throwIfAborted();
    return { code, errors, timedOut };
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    signal?.removeEventListener('abort', stop);
    // What it started may have outlived it.
    killGroup(child, 'SIGKILL');
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // None of the group is left.
  }
}
