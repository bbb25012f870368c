import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listModels, type RegisteredModel } from '../registry/list.js';
import type { DemoModel } from './demo-models.js';
import type { Trait } from './traits.js';

/** Tags of a demo model that tell a later start what it is. */
export const RECIPE_TAG = 'recipe';
export const ACCURACY_TAG = 'accuracy';
export const MEASURED_TAG = 'measuredOn';

/**
 * The newest version of a trait's model if it was made by this recipe and its files are all there in their full size;
 * digests are checked by whoever opens the package.
 */
export async function findDemoModel(modelsDir: string, trait: Trait, key: string): Promise<DemoModel | undefined> {
  const newest = (await listModels(modelsDir)).filter(({ name }) => name === trait.model).at(-1);
  if (newest?.manifest?.tags[RECIPE_TAG] !== key || !(await isComplete(newest))) return undefined;
  const { tags } = newest.manifest;
  return {
    id: newest.id,
    accuracy: Number(tags[ACCURACY_TAG]),
    measuredOn: Number(tags[MEASURED_TAG]),
    classes: trait.classes,
  };
}

async function isComplete({ directory, manifest }: RegisteredModel): Promise<boolean> {
  for (const [name, { bytes }] of Object.entries(manifest?.files ?? {})) {
    const found = await stat(join(directory, name)).catch(() => undefined);
    if (found?.size !== bytes) return false;
  }
  return true;
}
