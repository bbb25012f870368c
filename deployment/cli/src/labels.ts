import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '@edgeslot/scoring/model';
import { readTextFile } from './manifest-file.js';

/** What a package of this machine says of the answers of a model that runs anywhere. */
export interface KnownModel {
  /** One label per class; none when the package is not here. */
  readonly labels: readonly string[];
  /** What its values are. */
  readonly answers?: ModelManifest['postprocessing']['type'];
  /** How its pictures become its input. */
  readonly resize?: ModelManifest['preprocessing']['resize'];
}

/** One label per line, in the classifier's order. */
export async function readLabelsFile(path: string): Promise<string[]> {
  return lines(await readTextFile(path, '--labels'));
}

/** Looks for the package of a model in a models directory of this machine. */
export async function findModel(modelsDir: string, model: { name: string; version: number }): Promise<KnownModel> {
  const directory = join(modelsDir, model.name, String(model.version));
  try {
    const manifest = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as Partial<ModelManifest>;
    const labels = lines(await readFile(join(directory, manifest.postprocessing?.labels ?? 'labels.txt'), 'utf8'));
    const resize = manifest.preprocessing?.resize;
    const answers = manifest.postprocessing?.type;
    return { labels, ...(answers && { answers }), ...(resize && { resize }) };
  } catch {
    return { labels: [] };
  }
}

function lines(text: string): string[] {
  const all = text.split(/\r?\n/);
  if (all.at(-1) === '') all.pop();
  return all;
}
