import type { PythonNeeds, PythonOptions } from './environment.js';
import { pythonSettings } from './python-settings.js';
import { runProgram } from './run-program.js';

const CHECK_MS = 120_000;

/** Why the modules cannot be imported by this interpreter, in its own words; `undefined` when they can. */
export async function whyUnusable(
  python: string,
  { modules }: PythonNeeds,
  { env = process.env, signal }: PythonOptions,
): Promise<string | undefined> {
  const running = { env: pythonSettings(env), timeoutMs: CHECK_MS, ...(signal && { signal }) };
  try {
    const { code, errors, timedOut } = await runProgram(python, ['-c', `import ${modules.join(', ')}`], running);
    if (timedOut) return `no answer within ${CHECK_MS / 1000} s`;
    return code === 0 ? undefined : (errors.trim().split('\n').at(-1) ?? '').slice(0, 300);
  } catch (error) {
    signal?.throwIfAborted();
    return `it cannot be started: ${(error as Error).message}`;
  }
}
