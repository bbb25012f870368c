import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../support/checkout.js';

const run = promisify(execFile);
export const PYTHON_FOLDER = join(ROOT, 'test/python');
const INSTALL_BOUND_MS = 20 * 60_000;

/** A Python with the stock clients in it. */
export interface PythonEnvironment {
  readonly python: string;
  /** Folder with `tensorflow_serving`, for `PYTHONPATH`; Microsoft's client runs without it, as it is installed. */
  readonly serving: string;
}

/**
 * Makes the environment below the system's temporary folder (1.6 GB, minutes) or reuses the one made before from the
 * same requirements. A half-made one has another name and never counts.
 */
export async function stockClients(): Promise<PythonEnvironment> {
  const base = await findPython();
  const lists = ['requirements.txt', 'requirements-serving.txt'].map((name) => join(PYTHON_FOLDER, name));
  const hash = createHash('sha256').update(base.version);
  for (const list of lists) hash.update(await readFile(list));
  const folder = join(tmpdir(), `edgeslot-python-${hash.digest('hex').slice(0, 16)}`);
  const environment = { python: join(folder, 'bin/python'), serving: join(folder, 'serving') };
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return environment;

  await rm(folder, { recursive: true, force: true });
  await run(base.command, ['-m', 'venv', folder], { timeout: INSTALL_BOUND_MS });
  const pip = (...args: string[]) =>
    run(environment.python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...args], {
      timeout: INSTALL_BOUND_MS,
      maxBuffer: 16 << 20,
    });
  await pip('-r', lists[0]!);
  await pip('--no-deps', '--target', environment.serving, '-r', lists[1]!);
  await writeFile(`${complete}.new`, 'complete\n');
  await rename(`${complete}.new`, complete);
  return environment;
}

/** TensorFlow 2.15 has wheels for Python 3.9 to 3.11 only. */
async function findPython(): Promise<{ command: string; version: string }> {
  const seen: string[] = [];
  for (const command of ['python3.11', 'python3.10', 'python3.9', 'python3']) {
    try {
      const code = 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])';
      const version = (await run(command, ['-c', code], { timeout: 30_000 })).stdout.trim();
      if (['3.9', '3.10', '3.11'].includes(version)) return { command, version };
      seen.push(`${command} is ${version}`);
    } catch {
      seen.push(`no ${command} with venv`);
    }
  }
  throw new Error(`the stock clients need Python 3.9, 3.10 or 3.11 with venv; found: ${seen.join(', ')}`);
}
