import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PYTHON_FOLDER, type PythonEnvironment } from './python-environment.js';

export interface ArrayResult {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What became of one call: an answer, or the status or exception the client raised. */
export interface CallResult extends Partial<ArrayResult> {
  readonly outputs?: Readonly<Record<string, ArrayResult>>;
  readonly model?: { readonly name: string; readonly version: number; readonly signature: string };
  readonly error?: string;
  readonly text?: string;
  /** How often the client said that it tries again. */
  readonly retries: number;
}

export interface Plan {
  readonly script: 'accelerated_models_client.py' | 'tensorflow_serving_client.py';
  /** `host:port`. */
  readonly server: string;
  /** A folder for the results. */
  readonly folder: string;
  readonly calls: readonly Readonly<Record<string, unknown>>[];
}

/** Makes the calls in one Python process, because importing TensorFlow takes seconds. */
export async function makeCalls(environment: PythonEnvironment, plan: Plan): Promise<CallResult[]> {
  const [address, port] = plan.server.split(':');
  const results = join(plan.folder, `${plan.script}.json`);
  const withServing = plan.script === 'tensorflow_serving_client.py';
  const child = spawn(environment.python, [join(PYTHON_FOLDER, plan.script)], {
    env: {
      PATH: process.env.PATH,
      HOME: plan.folder,
      PYTHONDONTWRITEBYTECODE: '1',
      TF_CPP_MIN_LOG_LEVEL: '2',
      ...(withServing && { PYTHONPATH: environment.serving }),
    },
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: 300_000,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-8000);
  });
  child.stdin.on('error', () => {}); // it ended early: the exit code tells
  child.stdin.end(JSON.stringify({ address, port: Number(port), results, calls: plan.calls }));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) throw new Error(`${plan.script} ended with ${signal ?? code}\n${errors}`);
  return JSON.parse(await readFile(results, 'utf8')) as CallResult[];
}
