import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextFile } from './manifest-file.js';

/** One label per line, in the classifier's order. */
export async function readLabelsFile(path: string): Promise<string[]> {
  return lines(await readTextFile(path, '--labels'));
}

/** The labels of a package in a models directory of this machine; none when it is not there. */
export async function findLabels(modelsDir: string, model: { name: string; version: number }): Promise<string[]> {
  const directory = join(modelsDir, model.name, String(model.version));
  try {
    const manifest = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as {
      postprocessing?: { labels?: unknown };
    };
    const file = manifest.postprocessing?.labels;
    return lines(await readFile(join(directory, typeof file === 'string' ? file : 'labels.txt'), 'utf8'));
  } catch {
    return [];
  }
}

function lines(text: string): string[] {
  const all = text.split(/\r?\n/);
  if (all.at(-1) === '') all.pop();
  return all;
}
