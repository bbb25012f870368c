import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatModelId, type ModelId, parseModelReference, resolveModel } from '@edgeslot/scoring/model';
import { moveDirectory, syncDirectory, writeDurably } from './durable.js';
import { writeIndex } from './index-file.js';
import { DELETED_PREFIX, packageDirectory, STAGING_FOLDER } from './layout.js';
import { listModels } from './list.js';
import { openRegistry, removeStaging, stagingOwner } from './staging.js';

export interface DeleteOptions {
  /** Users of models outside the registry: answers where a model is in use, e.g. `the slot of module scoring`. */
  readonly usersOf?: (id: ModelId) => Promise<readonly string[]>;
}

/** A model that something still needs; the message names what. */
export class ModelInUseError extends Error {
  override readonly name = 'ModelInUseError';
  constructor(
    readonly id: string,
    readonly users: readonly string[],
  ) {
    super(
      `The model ${id} cannot be deleted because it is currently being used in ${users.join(', ')}. ${
        users.length === 1 ? 'Stop, replace or delete that first' : 'Stop, replace or delete those first'
      }`,
    );
  }
}

/**
 * Removes one version of a model, `name` meaning its latest. It leaves the registry in one step, and its version is
 * never given again. Returns its id.
 *
 * Throws RangeError (no model id), ModelInUseError, MODEL_NOT_FOUND, MODELS_DIRECTORY.
 */
export async function deleteModel(modelsDir: string, reference: string, options: DeleteOptions = {}): Promise<string> {
  const parsed = parseModelReference(reference);
  if (!parsed) throw new RangeError(`model: expected name or name:version, got "${reference}"`);
  const id = await resolveModel(modelsDir, parsed);
  const users = [...((await options.usersOf?.(id)) ?? []), ...(await childrenOf(modelsDir, id))];
  if (users.length > 0) throw new ModelInUseError(formatModelId(id), users);

  await openRegistry(modelsDir);
  const directory = packageDirectory(modelsDir, id);
  const owner = stagingOwner();
  const away = join(modelsDir, STAGING_FOLDER, `${owner}-deleted`);
  // A full disk must not keep anyone from making room: the marker may then come after.
  const marked = await markDeleted(directory).then(
    () => true,
    () => false,
  );
  await mkdir(dirname(away), { recursive: true });
  await moveDirectory(directory, away).catch(async (error) => {
    // Another process may have deleted it meanwhile.
    await resolveModel(modelsDir, id);
    throw error;
  });
  await syncDirectory(dirname(directory));
  const children = await childrenOf(modelsDir, id);
  if (children.length > 0) {
    // Registered while we looked away: its parent comes back.
    await moveDirectory(away, directory);
    throw new ModelInUseError(formatModelId(id), children);
  }
  await removeStaging(modelsDir, owner);
  if (!marked) await markDeleted(directory);
  await writeIndex(modelsDir);
  return formatModelId(id);
}

async function childrenOf(modelsDir: string, id: ModelId): Promise<string[]> {
  const parent = formatModelId(id);
  const children = (await listModels(modelsDir)).filter(({ manifest }) => manifest?.parent === parent);
  return children.map((child) => `model ${child.id}, which was made from it`);
}

/** Leaves a marker with the version, and takes lower ones away: the highest says all. */
async function markDeleted(directory: string): Promise<void> {
  const parent = dirname(directory);
  const version = Number(directory.slice(parent.length + 1));
  await writeDurably(join(parent, `${DELETED_PREFIX}${version}`), '');
  await syncDirectory(parent);
  for (const name of await readdir(parent)) {
    const other = name.startsWith(DELETED_PREFIX) ? Number(name.slice(DELETED_PREFIX.length)) : Number.NaN;
    if (other < version) await rm(join(parent, name), { force: true });
  }
}
