import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PYTHON_FOLDER } from './python-environment.js';

export interface PythonRun {
  readonly script: string;
  /** A folder for the results. */
  readonly folder: string;
  /** A folder of further packages, for `PYTHONPATH`. */
  readonly packages?: string | undefined;
  /** What the script reads as JSON from standard input; the name of its results file is added as `results`. */
  readonly input: Readonly<Record<string, unknown>>;
}

/** Runs a script of `test/python` and returns the JSON that it leaves in its results file. */
export async function runPython(
  environment: { readonly python: string },
  { script, folder, packages, input }: PythonRun,
): Promise<unknown> {
  const results = join(folder, `${script}.json`);
  const child = spawn(environment.python, [join(PYTHON_FOLDER, script)], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONDONTWRITEBYTECODE: '1',
      TF_CPP_MIN_LOG_LEVEL: '2',
      ...(packages && { PYTHONPATH: packages }),
    },
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: 300_000,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-8000);
  });
  child.stdin.on('error', () => {}); // it ended early: the exit code tells
  child.stdin.end(JSON.stringify({ ...input, results }));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${script} ended with ${signal ?? code}\n${errors}`);
  return JSON.parse(await readFile(results, 'utf8'));
}
