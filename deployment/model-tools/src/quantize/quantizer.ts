import { fileURLToPath } from 'node:url';
import { ensurePython } from '../python/ensure-python.js';
import type { PythonNeeds, PythonOptions } from '../python/environment.js';
import { PythonError } from '../python/python-error.js';
import { runScript } from '../python/run-script.js';

/** How the range of an activation follows from what the calibration pictures gave. */
export const METHODS = ['minmax', 'percentile', 'entropy'] as const;
export type CalibrationMethod = (typeof METHODS)[number];

export interface QuantizerJob {
  /** The float32 graph, and where the quantised one goes. */
  readonly source: string;
  readonly target: string;
  /** For files in between. */
  readonly folder: string;
  /** float32 tensors of `shape`, one after the other. */
  readonly samples: string;
  readonly shape: readonly number[];
  /** Whether the outputs are the answer, and not features for a classifier. */
  readonly answers: boolean;
  readonly method: CalibrationMethod;
  readonly weightBits: 7 | 8;
}

export interface QuantizerProgress {
  readonly phase: 'python' | 'prepare' | 'calibrate';
  readonly done: number;
  readonly total: number;
  /** Of `python`: the step. */
  readonly text?: string;
}

export interface QuantizerResult {
  /** Operators of the graph, by type. */
  readonly operators: Readonly<Record<string, number>>;
  readonly onnxruntime: string;
  readonly onnx: string;
}

const FOLDER = fileURLToPath(new URL('../../python/quantize/', import.meta.url));
/** The versions of Python that the pinned packages have wheels for. */
const NEEDS: PythonNeeds = {
  name: 'quantize',
  versions: ['3.11', '3.12', '3.13', '3.14'],
  requirements: [{ file: `${FOLDER}requirements.txt` }],
  modules: ['onnx', 'onnxruntime.quantization'],
};
const LONGEST_MS = 2 * 3_600_000;

/**
 * Quantises a graph with the quantiser of onnxruntime: which operators have kernels for bytes, and how ranges are best
 * found, is kept there by those who keep the runtime.
 *
 * Throws PythonError, and the signal's reason.
 */
export async function runQuantizer(
  { weightBits, ...job }: QuantizerJob,
  onProgress: (progress: QuantizerProgress) => void,
  { env = process.env, signal }: Pick<PythonOptions, 'env' | 'signal'>,
): Promise<QuantizerResult> {
  const options = signal ? { signal } : {};
  const onStep = (text: string) => onProgress({ phase: 'python', done: 0, total: 1, text });
  const environment = await ensurePython(NEEDS, { ...options, env, onStep });
  const result = await runScript(environment, {
    script: `${FOLDER}quantize.py`,
    input: { ...job, weight_bits: weightBits },
    timeoutMs: LONGEST_MS,
    ...options,
    // Ended in the middle, onnxruntime leaves graphs as large as the model in its temporary folders.
    env: { ...env, TMPDIR: job.folder },
    onMessage: ({ phase, done, total }) => {
      if ((phase === 'prepare' || phase === 'calibrate') && typeof done === 'number' && typeof total === 'number')
        onProgress({ phase, done, total });
    },
  });
  if (!isResult(result)) throw new PythonError('the quantiser gave no result that can be read');
  return result;
}

function isResult(value: unknown): value is QuantizerResult {
  const result = value as Partial<QuantizerResult> | null;
  return (
    typeof result?.onnxruntime === 'string' &&
    typeof result.onnx === 'string' &&
    typeof result.operators === 'object' &&
    result.operators !== null
  );
}
