import type { PythonNeeds, PythonOptions } from './environment.js';
import { PythonError } from './python-error.js';
import { pythonSettings } from './python-settings.js';
import { runProgram } from './run-program.js';
import { whyUnusable } from './why-unusable.js';

const INSTALL_MS = 20 * 60_000;
const PINNED_ONLY = ['--no-deps', '--only-binary', ':all:'];

/**
 * Installs the packages with pip, which takes its settings (index, proxy, certificates) from the user as ever, and
 * looks whether they can be imported. Throws PythonError, and the signal's reason.
 */
export async function installPackages(
  python: string,
  folder: string,
  needs: PythonNeeds,
  options: PythonOptions,
): Promise<void> {
  const { env = process.env, signal, onStep } = options;
  const running = { cwd: folder, env: pythonSettings(env), ...(signal && { signal }) };
  const onLine = (line: string) => {
    const step = /^(Collecting|Downloading|Installing collected packages:) ?(\S*)/.exec(line);
    if (step) onStep?.(step[1]!.startsWith('Installing') ? 'installing the packages' : `fetching ${step[2]}`);
  };
  for (const { file, options: how = PINNED_ONLY } of needs.requirements) {
    const args = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', ...how, '-r', file];
    const { code, errors, timedOut } = await runProgram(python, args, { ...running, timeoutMs: INSTALL_MS, onLine });
    if (timedOut) throw new PythonError(`pip did not end within ${INSTALL_MS / 60_000} minutes; ${whatToDo(file)}`);
    if (code !== 0) throw new PythonError(`pip could not install ${file}: ${reasonOf(errors)}; ${whatToDo(file)}`);
  }
  onStep?.('trying the packages');
  const why = await whyUnusable(python, needs, options);
  if (why !== undefined) throw new PythonError(`the packages were installed but do not work: ${why}`);
}

/** pip says the cause in its last error, after many warnings of the same. */
function reasonOf(errors: string): string {
  const lines = errors.trim().split('\n');
  const line = lines.findLast((one) => /^\s*(ERROR|\w*Error)\b/.test(one)) ?? lines.at(-1) ?? '';
  return line.trim().slice(0, 300);
}

function whatToDo(file: string): string {
  return [
    'the package index must be reachable once: behind a proxy set HTTPS_PROXY, for an index of your own PIP_INDEX_URL,',
    'for a folder of wheels PIP_NO_INDEX=1 and PIP_FIND_LINKS;',
    `or set EDGESLOT_PYTHON to an interpreter that has ${file}`,
  ].join(' ');
}
