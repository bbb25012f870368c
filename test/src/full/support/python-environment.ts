import { join } from 'node:path';
import { ensurePython, type PythonNeeds } from '@edgeslot/model-tools';
import { ROOT } from '../../support/checkout.js';

export const PYTHON_FOLDER = join(ROOT, 'test/python');
/** pip finds what the listed packages need by itself, and compiles what has no wheel. */
const WITH_DEPENDENCIES = { options: [] };

/** A Python with the stock clients in it. */
export interface PythonEnvironment {
  readonly python: string;
  /** Folder with `tensorflow_serving`, for `PYTHONPATH`; Microsoft's client runs without it, as it is installed. */
  readonly serving: string;
}

/** TensorFlow's stock clients: 1.6 GB, minutes. TensorFlow 2.15 has wheels for Python 3.9 to 3.11 only. */
export async function stockClients(): Promise<PythonEnvironment> {
  const { python, folder } = await environment({
    name: 'stock-clients',
    versions: ['3.11', '3.10', '3.9'],
    requirements: [
      { file: join(PYTHON_FOLDER, 'requirements.txt'), ...WITH_DEPENDENCIES },
      // Without its dependencies, and beside the rest: its name for TensorFlow is another.
      { file: join(PYTHON_FOLDER, 'requirements-serving.txt'), options: ['--no-deps', '--target', 'serving'] },
    ],
    modules: ['grpc', 'tensorflow'],
  });
  return { python, serving: join(folder!, 'serving') };
}

/** A Python with ONNX's own checker in it: 170 MB. */
export function onnxChecker(): Promise<{ readonly python: string }> {
  return environment({
    name: 'onnx-checker',
    versions: ['3.11', '3.10', '3.9'],
    requirements: [{ file: join(PYTHON_FOLDER, 'requirements-onnx.txt'), ...WITH_DEPENDENCIES }],
    modules: ['onnx'],
  });
}

/** A Python with schemathesis in it, which calls an HTTP API as its own document describes it: 150 MB. */
export function schemathesis(): Promise<{ readonly python: string }> {
  return environment({
    name: 'schemathesis',
    versions: ['3.11', '3.12', '3.13', '3.10'],
    requirements: [{ file: join(PYTHON_FOLDER, 'requirements-schemathesis.txt'), ...WITH_DEPENDENCIES }],
    modules: ['schemathesis'],
  });
}

/** These tests are about exact packages: an interpreter that the user named is not looked at. */
function environment(needs: PythonNeeds): Promise<{ readonly python: string; readonly folder?: string }> {
  const { EDGESLOT_PYTHON: _, ...env } = process.env;
  return ensurePython(needs, { env });
}
