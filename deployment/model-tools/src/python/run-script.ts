import { basename } from 'node:path';
import type { PythonEnvironment } from './environment.js';
import { PythonError } from './python-error.js';
import { pythonSettings } from './python-settings.js';
import { runProgram } from './run-program.js';

export interface RunScriptOptions {
  /** Absolute path. */
  readonly script: string;
  /** What the script reads as one line of JSON from its standard input. */
  readonly input: unknown;
  readonly timeoutMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Every message that it writes before its result. */
  readonly onMessage?: (message: Readonly<Record<string, unknown>>) => void;
}

/**
 * Runs a script that speaks lines of JSON, and returns the `result` of its last message. It ends with this process: it
 * watches its standard input. Throws PythonError with the last of its errors, and the signal's reason.
 */
export async function runScript({ python }: PythonEnvironment, options: RunScriptOptions): Promise<unknown> {
  const { script, input, timeoutMs, env = process.env, signal, onMessage } = options;
  let result: { readonly value: unknown } | undefined;
  const onLine = (line: string) => {
    const message = parse(line);
    if (message && 'result' in message) result = { value: message.result };
    else if (message) onMessage?.(message);
  };
  const running = { input: JSON.stringify(input), env: pythonSettings(env), timeoutMs, onLine };
  const ended = await runProgram(python, [script], { ...running, ...(signal && { signal }) });
  const name = basename(script);
  if (ended.timedOut) throw new PythonError(`${name} did not end within ${Math.round(timeoutMs / 60_000)} minutes`);
  if (ended.code === 0 && result) return result.value;
  // A traceback ends with what went wrong.
  const reason = (ended.errors.trim().split('\n').at(-1) ?? '').slice(0, 500);
  const memory = ended.code === null || /MemoryError|bad_alloc/.test(ended.errors);
  const hint = memory ? ' (the machine may have too little memory for it)' : '';
  throw new PythonError(`${name} ended with ${ended.code ?? 'a signal'}: ${reason}${hint}`);
}

/** Libraries print to standard output as well; what is no object is theirs. */
function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
