import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatModelId,
  listModels as listDirectories,
  type ModelManifest,
  parseManifest,
  parseModelReference,
  resolveModel,
  scoringError,
} from '@edgeslot/scoring/model';
import { MANIFEST_FILE, packageBytes, packageDirectory } from './layout.js';
import { parseSourceManifest, type SourceManifest } from './source-manifest.js';

export interface RegisteredModel {
  /** `name:version`. */
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly directory: string;
  /** Absent when it is a source, or when the manifest cannot be read; `fault` then says why. */
  readonly manifest?: ModelManifest;
  /** A model that is kept to be converted and cannot be served. */
  readonly source?: SourceManifest;
  /** Size of the package's files in bytes. */
  readonly bytes?: number;
  readonly fault?: string;
}

export interface ShownModel extends RegisteredModel {
  readonly manifest: ModelManifest;
  readonly bytes: number;
  readonly labels: readonly string[];
}

export interface ShownSource extends RegisteredModel {
  readonly source: SourceManifest;
  readonly bytes: number;
}

/**
 * Every model of a registry by name and version. A package whose manifest is bad is listed with its fault. Digests are
 * not checked. Throws MODELS_DIRECTORY when the directory cannot be read.
 */
export async function listModels(modelsDir: string): Promise<RegisteredModel[]> {
  const models: RegisteredModel[] = [];
  for (const { name, versions } of await listDirectories(modelsDir)) {
    for (const version of versions) {
      const model = await readRegistered(modelsDir, name, version);
      // Another process may have deleted it since the directory was read.
      if (model.fault === undefined || (await stat(model.directory).catch(() => undefined))) models.push(model);
    }
  }
  return models;
}

/**
 * One model, `name` (its latest version) or `name:version`. Throws RangeError when the reference is neither,
 * MODEL_NOT_FOUND, PACKAGE_MANIFEST, PACKAGE_FILE_MISSING.
 */
export async function findModel(modelsDir: string, reference: string): Promise<ShownModel | ShownSource> {
  const parsed = parseModelReference(reference);
  if (!parsed) throw new RangeError(`model: expected name or name:version, got "${reference}"`);
  const id = await resolveModel(modelsDir, parsed);
  const directory = packageDirectory(modelsDir, id);
  const model = { ...id, id: formatModelId(id), directory };
  const found = await readManifest(directory);
  const bytes = packageBytes(found.manifest ?? found.source);
  if (!found.manifest) return { ...model, ...found, bytes };
  const labels = await readPackageText(join(directory, found.manifest.postprocessing.labels));
  return { ...model, ...found, bytes, labels: labels.replace(/\r?\n$/, '').split(/\r?\n/) };
}

/** As `findModel`, for a model that can be served. */
export async function showModel(modelsDir: string, reference: string): Promise<ShownModel> {
  const model = await findModel(modelsDir, reference);
  if (!model.manifest)
    throw new Error(`${model.id} is a TensorFlow SavedModel, kept to be converted: it is not servable`);
  return model as ShownModel;
}

async function readRegistered(modelsDir: string, name: string, version: number): Promise<RegisteredModel> {
  const directory = packageDirectory(modelsDir, { name, version });
  const model = { id: formatModelId({ name, version }), name, version, directory };
  try {
    const found = await readManifest(directory);
    return { ...model, ...found, bytes: packageBytes(found.manifest ?? found.source) };
  } catch (error) {
    return { ...model, fault: (error as Error).message };
  }
}

type Found =
  | { readonly manifest: ModelManifest; readonly source?: never }
  | { readonly source: SourceManifest; readonly manifest?: never };

async function readManifest(directory: string): Promise<Found> {
  const file = join(directory, MANIFEST_FILE);
  const text = await readPackageText(file);
  const source = parseSourceManifest(text);
  return source ? { source } : { manifest: parseManifest(text, file) };
}

function readPackageText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw scoringError('PACKAGE_FILE_MISSING', file);
    throw scoringError('PACKAGE_MANIFEST', file, 'file', error.message);
  });
}
