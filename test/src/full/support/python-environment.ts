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

/** TensorFlow's stock clients: 1.6 GB, minutes. */
export async function stockClients(): Promise<PythonEnvironment> {
  const folder = await makeEnvironment(['requirements.txt', 'requirements-serving.txt'], async (pip, lists) => {
    await pip('-r', lists[0]!);
    await pip('--no-deps', '--target', 'serving', '-r', lists[1]!);
  });
  return { python: join(folder, 'bin/python'), serving: join(folder, 'serving') };
}

/** A Python with ONNX's own checker in it: 170 MB. */
export async function onnxChecker(): Promise<{ readonly python: string }> {
  const folder = await makeEnvironment(['requirements-onnx.txt'], (pip, lists) => pip('-r', lists[0]!));
  return { python: join(folder, 'bin/python') };
}

type Pip = (...args: string[]) => Promise<unknown>;

/**
 * Makes an environment below the system's temporary folder, or reuses the one made before from the same requirements; a
 * half-made one has another name and never counts. Returns its folder, in which pip is run.
 */
async function makeEnvironment(
  requirements: readonly string[],
  install: (pip: Pip, lists: readonly string[]) => Promise<unknown>,
): Promise<string> {
  const base = await findPython();
  const lists = requirements.map((name) => join(PYTHON_FOLDER, name));
  const hash = createHash('sha256').update(base.version);
  for (const list of lists) hash.update(await readFile(list));
  const folder = join(tmpdir(), `edgeslot-python-${hash.digest('hex').slice(0, 16)}`);
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return folder;

  await rm(folder, { recursive: true, force: true });
  await run(base.command, ['-m', 'venv', folder], { timeout: INSTALL_BOUND_MS });
  const pip: Pip = (...args) =>
    run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...args], {
      cwd: folder,
      timeout: INSTALL_BOUND_MS,
      maxBuffer: 16 << 20,
    });
  await install(pip, lists);
  await writeFile(`${complete}.new`, 'complete\n');
  await rename(`${complete}.new`, complete);
  return folder;
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
  throw new Error(`these tests need Python 3.9, 3.10 or 3.11 with venv; found: ${seen.join(', ')}`);
}
