import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStaging, removeStaging, type StagingOwner, stagingOwner } from '../registry/staging.js';
import { cacheFolder } from './cache-folder.js';
import { checkOwnPython } from './check-own-python.js';
import type { PythonEnvironment, PythonNeeds, PythonOptions } from './environment.js';
import { findPython } from './find-python.js';
import { installPackages } from './install-packages.js';
import { oneMaker } from './one-maker.js';
import { PythonError } from './python-error.js';
import { runProgram } from './run-program.js';
import { whyUnusable } from './why-unusable.js';

const VENV_MS = 300_000;
/** Another process that installs the same. */
const WAIT_MS = 30 * 60_000;

/**
 * A Python with the packages that a script of ours needs, in the versions it is made for: made on first use below the
 * cache folder, and used again as long as the lists of packages are the same and it works. It is made aside and then
 * renamed, so an interrupted making leaves nothing that counts. `EDGESLOT_PYTHON` names an interpreter to use as it is
 * instead.
 *
 * Throws PythonError that says what is missing and what to do, and the signal's reason.
 */
export async function ensurePython(needs: PythonNeeds, options: PythonOptions = {}): Promise<PythonEnvironment> {
  const { env = process.env, signal, onStep } = options;
  if (env.EDGESLOT_PYTHON) return checkOwnPython(env.EDGESLOT_PYTHON, needs, options);
  const cache = cacheFolder(env);
  const folder = join(cache, `python-${needs.name}-${await digestOf(needs)}`);
  const made = { python: join(folder, 'bin/python'), folder };
  // A newer Python of the system leaves an environment of the older one without its packages.
  const isReady = async () => existsSync(folder) && (await whyUnusable(made.python, needs, options)) === undefined;
  if (await isReady()) return made;

  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { message } = error as Error;
    throw new PythonError(`${cache}: ${message}; set EDGESLOT_CACHE to a folder that can be written`);
  }
  const onWait = (pid: number) => onStep?.(`process ${pid} makes the same Python environment, waiting for it`);
  const owner = stagingOwner();
  try {
    await oneMaker(`${folder}.lock`, { timeoutMs: WAIT_MS, onWait, ...(signal && { signal }) }, async () => {
      if (await isReady()) return;
      await removeStaging(cache);
      onStep?.(`making a Python environment, once, in ${folder}`);
      const aside = await make(needs, cache, owner, options);
      await rm(folder, { recursive: true, force: true });
      await rename(aside, folder);
    });
  } finally {
    await removeStaging(cache, owner);
  }
  return made;
}

async function make(needs: PythonNeeds, cache: string, owner: StagingOwner, options: PythonOptions): Promise<string> {
  const { env = process.env, signal } = options;
  const { command } = await findPython(needs, options);
  const aside = await openStaging(cache, owner);
  const running = { env, timeoutMs: VENV_MS, ...(signal && { signal }) };
  const { code, errors } = await runProgram(command, ['-m', 'venv', aside], running);
  if (code !== 0) throw new PythonError(`${command} -m venv failed: ${errors.trim().split('\n').at(-1)}`);
  await installPackages(join(aside, 'bin/python'), aside, needs, options);
  return aside;
}

async function digestOf({ requirements }: PythonNeeds): Promise<string> {
  const hash = createHash('sha256');
  for (const { file, options = [] } of requirements) {
    hash.update(JSON.stringify(options));
    hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}
