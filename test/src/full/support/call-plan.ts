import type { PythonEnvironment } from './python-environment.js';
import { runPython } from './run-python.js';

export interface ArrayResult {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What became of one call: an answer, or the status or exception the client raised. */
export interface CallResult extends Partial<ArrayResult> {
  readonly outputs?: Readonly<Record<string, ArrayResult>>;
  readonly model?: { readonly name: string; readonly version: number; readonly signature: string };
  /** What GetModelMetadata told, by field. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What GetModelStatus told. */
  readonly states?: readonly {
    readonly version: number;
    readonly state: string;
    readonly code: number;
    readonly text: string;
  }[];
  /** Of HandleReloadConfigRequest: the code in its reply. */
  readonly status?: number;
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
  const run = {
    script: plan.script,
    folder: plan.folder,
    // Microsoft's client runs as it is installed.
    packages: plan.script === 'tensorflow_serving_client.py' ? environment.serving : undefined,
    input: { address, port: Number(port), calls: plan.calls },
  };
  return (await runPython(environment, run)) as CallResult[];
}
