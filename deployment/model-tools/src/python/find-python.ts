import type { PythonNeeds, PythonOptions } from './environment.js';
import { PythonError } from './python-error.js';
import { runProgram } from './run-program.js';

const PROBE = 'import sys, venv, ensurepip; print("python %d.%d" % sys.version_info[:2])';
const PROBE_MS = 30_000;

/**
 * The first Python on the path that the packages have wheels for and that can make environments.
 *
 * Throws PythonError that names what was found instead and what to install.
 */
export async function findPython(
  { versions }: PythonNeeds,
  { env = process.env, signal }: PythonOptions,
): Promise<{ readonly command: string; readonly version: string }> {
  const seen = [];
  for (const command of ['python3', ...versions.map((version) => `python${version}`)]) {
    const found = await probe(command, env, signal);
    if (found?.version !== undefined && versions.includes(found.version)) return { command, version: found.version };
    if (found) seen.push(`${command} ${found.version === undefined ? found.fault : `is ${found.version}`}`);
  }
  const wanted = `Python ${versions.join(', ')} with its venv module`;
  throw new PythonError(
    `${wanted} is needed, found ${seen.join(', ') || 'no python3'}: install it (on Debian or Ubuntu \`apt install python3 python3-venv\`), or set EDGESLOT_PYTHON to an interpreter that has the packages`,
  );
}

/** `undefined` when there is no such command. */
async function probe(
  command: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<{ version?: string; fault: string } | undefined> {
  let version: string | undefined;
  const onLine = (line: string) => {
    version = /^python (\d+\.\d+)$/.exec(line)?.[1] ?? version;
  };
  try {
    const options = { env, onLine, timeoutMs: PROBE_MS, ...(signal && { signal }) };
    const { code, errors } = await runProgram(command, ['-c', PROBE], options);
    if (code === 0 && version !== undefined) return { version, fault: '' };
    const missing = /No module named '?(\w+)/.exec(errors)?.[1];
    return { fault: missing === undefined ? 'does not start' : `has no module ${missing}` };
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return { fault: `cannot be started (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})` };
  }
}
