import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  formatModelId,
  type ModelManifest,
  openPackage,
  type Package,
  parseModelReference,
} from '@edgeslot/scoring/model';
import { findPictures } from '../evaluate/find-pictures.js';
import type { TaskProgress } from '../worker/progress.js';
import { runTask } from '../worker/run-task.js';
import { whyIncomparable } from './comparable.js';
import type { ComparedPackages } from './compare-packages.js';

export interface CompareModelsOptions {
  readonly modelsDir: string;
  /** `name` or `name:version`. */
  readonly a: string;
  readonly b: string;
  /** A folder of pictures, the folders in it included. */
  readonly images: string;
  readonly onProgress?: (progress: TaskProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ComparedModel extends Pick<ModelManifest, 'numerics' | 'numericsDetail'> {
  readonly id: string;
}

export interface ComparedModels extends ComparedPackages {
  readonly a: ComparedModel;
  readonly b: ComparedModel;
}

/** The two models could be opened, but answer different questions. */
export class IncomparableError extends Error {}

/**
 * Runs two registered models over the same pictures, as scoring does, and tells how far their answers agree.
 *
 * Throws what `openPackage` throws, RangeError for a folder without pictures or a bad id, IncomparableError, and the
 * signal's reason.
 */
export async function compareModels(options: CompareModelsOptions): Promise<ComparedModels> {
  const { modelsDir, onProgress, signal } = options;
  const files = await findPictures(resolve(options.images));
  const [a, b] = [await open(modelsDir, options.a, signal), await open(modelsDir, options.b, signal)];
  const why = whyIncomparable(a, b);
  if (why !== undefined) throw new IncomparableError(why);
  const compared = await runTask(
    {
      task: 'compare',
      a: runnable(a),
      b: runnable(b),
      labels: [...a.labels],
      files,
      threads: availableParallelism(),
    },
    { ...(signal && { signal }), ...(onProgress && { onProgress }) },
  );
  return { a: nameOf(a), b: nameOf(b), ...compared };
}

async function open(modelsDir: string, id: string, signal: AbortSignal | undefined): Promise<Package> {
  const reference = parseModelReference(id);
  if (!reference) throw new RangeError(`model: expected name or name:version, got "${id}"`);
  return await openPackage(modelsDir, reference, { ...(signal && { signal }) });
}

/** Without what freezes it, which threads cannot be given. */
function runnable({ directory, manifest }: Package) {
  return { directory, manifest: structuredClone(manifest) };
}

function nameOf({ id, manifest: { numerics, numericsDetail } }: Package): ComparedModel {
  return { id: formatModelId(id), numerics, ...(numericsDetail && { numericsDetail }) };
}
