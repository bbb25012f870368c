import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { scoringError } from '../errors.js';
import { formatModelId, type ModelId, type ModelReference, parseModelReference } from './model-id.js';

export interface ListedModel {
  readonly name: string;
  /** Ascending. */
  readonly versions: readonly number[];
}

const VERSION = /^[1-9][0-9]{0,8}$/;

/**
 * What a models directory holds: `<base>/<name>/<version>/`, by name. Other entries are passed over.
 * Throws MODELS_DIRECTORY when the directory cannot be read.
 */
export async function listModels(baseDir: string): Promise<ListedModel[]> {
  const models: ListedModel[] = [];
  for (const name of (await entries(baseDir)).sort()) {
    if (parseModelReference(name)?.name !== name) continue;
    const versions = await versionsOf(baseDir, name);
    if (versions.length > 0) models.push({ name, versions });
  }
  return models;
}

/** The id a reference stands for: its version, or the highest one there is. Throws MODEL_NOT_FOUND, MODELS_DIRECTORY. */
export async function resolveModel(baseDir: string, reference: ModelReference): Promise<ModelId> {
  const there = (await entries(baseDir)).includes(reference.name);
  const versions = there ? await versionsOf(baseDir, reference.name) : [];
  const version = reference.version ?? versions.at(-1);
  if (version !== undefined && versions.includes(version)) return { name: reference.name, version };
  const known = (await listModels(baseDir)).flatMap((model) =>
    model.versions.map((one) => formatModelId({ name: model.name, version: one })),
  );
  const shown = known.length > 20 ? [...known.slice(0, 20), `and ${known.length - 20} more`] : known;
  throw scoringError('MODEL_NOT_FOUND', formatModelId(reference), baseDir, shown.join(', ') || 'no model');
}

async function versionsOf(baseDir: string, name: string): Promise<number[]> {
  try {
    const names = await readdir(join(baseDir, name));
    return names
      .filter((one) => VERSION.test(one))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if (['ENOTDIR', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw scoringError('MODELS_DIRECTORY', baseDir, (error as Error).message);
  }
}

async function entries(baseDir: string): Promise<string[]> {
  try {
    return await readdir(baseDir);
  } catch (error) {
    throw scoringError('MODELS_DIRECTORY', baseDir, (error as Error).message);
  }
}
