import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatModelId,
  listModels as listDirectories,
  type ModelManifest,
  parseManifest,
  parseModelReference,
  resolveModel,
} from '@edgeslot/scoring/model';
import { MANIFEST_FILE, packageBytes, packageDirectory } from './layout.js';

export interface RegisteredModel {
  /** `name:version`. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly directory: string;
  /** Absent when the manifest cannot be read; `fault` then says why. */
  readonly manifest?: ModelManifest;
  /** Size of the package's files in bytes. */
  readonly bytes?: number;
  readonly fault?: string;
}

export interface ShownModel extends RegisteredModel {
  readonly manifest: ModelManifest;
  readonly bytes: number;
  readonly labels: readonly string[];
}

/**
 * Every model of a registry by name and version. A package whose manifest is bad is listed with its fault. Digests are
 * not checked. Throws MODELS_DIRECTORY when the directory cannot be read.
 */
export async function listModels(modelsDir: string): Promise<RegisteredModel[]> {
  const models: RegisteredModel[] = [];
  for (const { name, versions } of await listDirectories(modelsDir)) {
    for (const version of versions) models.push(await readRegistered(modelsDir, name, version));
  }
  return models;
}

/**
 * One model, `name` (its latest version) or `name:version`. Throws RangeError when the reference is neither,
 * MODEL_NOT_FOUND, PACKAGE_MANIFEST.
 */
export async function showModel(modelsDir: string, reference: string): Promise<ShownModel> {
  const parsed = parseModelReference(reference);
  if (!parsed) throw new RangeError(`model: expected name or name:version, got "${reference}"`);
  const id = await resolveModel(modelsDir, parsed);
  const directory = packageDirectory(modelsDir, id);
  const manifest = await readManifest(directory);
  const labels = await readFile(join(directory, manifest.postprocessing.labels), 'utf8');
  return {
    ...id,
    id: formatModelId(id),
    directory,
    manifest,
    bytes: packageBytes(manifest),
    labels: labels.replace(/\r?\n$/, '').split(/\r?\n/),
  };
}

async function readRegistered(modelsDir: string, name: string, version: number): Promise<RegisteredModel> {
  const directory = packageDirectory(modelsDir, { name, version });
  const model = { id: formatModelId({ name, version }), name, version, directory };
  try {
    const manifest = await readManifest(directory);
    return { ...model, manifest, bytes: packageBytes(manifest) };
  } catch (error) {
    return { ...model, fault: (error as Error).message };
  }
}

async function readManifest(directory: string): Promise<ModelManifest> {
  const file = join(directory, MANIFEST_FILE);
  return parseManifest(await readFile(file, 'utf8'), file);
}
