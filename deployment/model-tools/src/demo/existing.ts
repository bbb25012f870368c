import { openPackage } from '@edgeslot/scoring/model';
import { listModels } from '../registry/list.js';
import type { DamagedModel, DemoModel } from './demo-models.js';
import type { Trait } from './traits.js';

/** Tags of a demo model that tell a later start what it is. */
export const RECIPE_TAG = 'recipe';
export const ACCURACY_TAG = 'accuracy';
export const MEASURED_TAG = 'measuredOn';

interface FindOptions {
  readonly signal?: AbortSignal;
  readonly onDamaged?: (model: DamagedModel) => void;
}

/**
 * The newest version of a trait's model if it was made by this recipe and every file of it has the digest that its
 * manifest gives: the scoring module would refuse it otherwise. A file that two models share is read once.
 */
export async function findDemoModel(
  modelsDir: string,
  trait: Trait,
  key: string,
  { signal, onDamaged }: FindOptions = {},
): Promise<DemoModel | undefined> {
  const newest = (await listModels(modelsDir)).filter(({ name }) => name === trait.model).at(-1);
  if (!newest) return undefined;
  if (!newest.manifest) {
    onDamaged?.({ id: newest.id, text: newest.fault ?? 'its manifest cannot be read' });
    return undefined;
  }
  if (newest.manifest.tags[RECIPE_TAG] !== key) return undefined;
  try {
    await openPackage(modelsDir, { name: newest.name, version: newest.version }, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    onDamaged?.({ id: newest.id, text: (error as Error).message });
    return undefined;
  }
  const { tags } = newest.manifest;
  return {
    id: newest.id,
    accuracy: Number(tags[ACCURACY_TAG]),
    measuredOn: Number(tags[MEASURED_TAG]),
    classes: trait.classes,
  };
}
