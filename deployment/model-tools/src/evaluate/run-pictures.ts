import { readFile } from 'node:fs/promises';
import { FrameRunner, type FrameTimings, type TensorData } from '@edgeslot/scoring/device';
import type { ModelManifest } from '@edgeslot/scoring/model';
import { DEFAULT_LIMITS } from '@edgeslot/scoring/preprocess';

/** A package that was opened (and so verified) before. */
export interface RunnablePackage {
  readonly directory: string;
  readonly manifest: ModelManifest;
}

export interface RunPicturesOptions {
  /** All are held in memory at once. */
  readonly packages: readonly RunnablePackage[];
  readonly files: readonly string[];
  /** Of each model; default 1. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

export interface PictureRun {
  readonly file: string;
  /** One for each package, in their order. */
  readonly results: readonly { readonly outputs: readonly TensorData[]; readonly timings: FrameTimings }[];
}

export interface PictureFailure {
  readonly file: string;
  readonly reason: string;
}

/**
 * Runs packages over pictures, one at a time, exactly as scoring does: decoder, sampler, featurizer, classifier. A
 * picture that cannot be read or that a package refuses comes as a failure. Only for worker threads: it blocks.
 */
export async function* runPictures(options: RunPicturesOptions): AsyncGenerator<PictureRun | PictureFailure> {
  const { packages, files, threads = 1, signal } = options;
  const runners: FrameRunner[] = [];
  try {
    for (const { directory, manifest } of packages) {
      signal?.throwIfAborted();
      runners.push(await FrameRunner.open({ directory, manifest, threads, limits: DEFAULT_LIMITS }));
    }
    for (const file of files) {
      signal?.throwIfAborted();
      yield await runOne(runners, file);
    }
  } finally {
    for (const runner of runners) await runner.close();
  }
}

async function runOne(runners: readonly FrameRunner[], file: string): Promise<PictureRun | PictureFailure> {
  try {
    const images = [await readFile(file)];
    const results = [];
    for (const runner of runners) results.push(await runner.run({ kind: 'images', images }));
    return { file, results };
  } catch (error) {
    return { file, reason: (error as Error).message };
  }
}
