import { open, readFile } from 'node:fs/promises';
import type { Recipe } from '@edgeslot/scoring/model';
import { Decoder, Preprocessor } from '@edgeslot/scoring/preprocess';
import type { PictureFailure } from '../evaluate/run-pictures.js';
import type { TaskProgress } from '../worker/progress.js';

export interface WriteSamplesOptions {
  readonly recipe: Recipe;
  readonly files: readonly string[];
  /** Little-endian float32 tensors, one after the other. */
  readonly target: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface WrittenSamples {
  readonly count: number;
  readonly skipped: readonly PictureFailure[];
}

/** Writes what the featurizer is fed with for each picture, exactly as scoring prepares it. For worker threads. */
export async function writeSamples(options: WriteSamplesOptions): Promise<WrittenSamples> {
  const { recipe, files, target, signal, onProgress } = options;
  const preprocessor = new Preprocessor(recipe, new Decoder({}));
  const tensor = new Float32Array(preprocessor.size);
  const skipped: PictureFailure[] = [];
  const out = await open(target, 'wx');
  try {
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      try {
        await preprocessor.run(await readFile(file), file, tensor);
      } catch (error) {
        skipped.push({ file, reason: (error as Error).message });
        continue;
      }
      await out.writeFile(new Uint8Array(tensor.buffer));
      onProgress({ phase: 'pictures', done: index + 1, total: files.length, cached: 0 });
    }
  } finally {
    await out.close();
  }
  return { count: files.length - skipped.length, skipped };
}
