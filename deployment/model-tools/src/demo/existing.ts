import { openPackage } from '@edgeslot/scoring/model';
import { listModels, type RegisteredModel, showModel } from '../registry/list.js';
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
 * The newest version of a trait's model, if it needs no making: it was made by this recipe and every file of it has the
 * digest that its manifest gives (the scoring module would refuse it otherwise; a file that two models share is read
 * once), or it is no demo model, but somebody's own of that name. A demo model made anew would hide that one.
 */
export async function findDemoModel(
  modelsDir: string,
  trait: Trait,
  key: string,
  { signal, onDamaged }: FindOptions = {},
): Promise<DemoModel | undefined> {
  const newest = (await listModels(modelsDir)).filter(({ name }) => name === trait.model).at(-1);
  if (!newest) return undefined;
  if (newest.fault !== undefined) {
    onDamaged?.({ id: newest.id, text: newest.fault });
    return undefined;
  }
  if (!isDemoModel(newest)) return ownModel(modelsDir, newest);
  if (newest.manifest?.tags[RECIPE_TAG] !== key) return undefined;
  try {
    await openPackage(modelsDir, { name: newest.name, version: newest.version }, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    onDamaged?.({ id: newest.id, text: (error as Error).message });
    return undefined;
  }
  return { id: newest.id, own: false, ...measured(newest), classes: trait.classes };
}

/** Made by the program for the demo; what was made from such a model is not, whatever tags it took over. */
export function isDemoModel({ manifest }: RegisteredModel): boolean {
  return manifest !== undefined && manifest.parent === undefined && Object.hasOwn(manifest.tags, RECIPE_TAG);
}

/** Whether it can be served is left to the scoring module, whose refusal says more than a model silently passed over. */
async function ownModel(modelsDir: string, model: RegisteredModel): Promise<DemoModel> {
  const classes = await showModel(modelsDir, model.id).then(
    ({ labels }) => labels,
    () => [],
  );
  return { id: model.id, own: true, ...measured(model), classes };
}

function measured({ manifest, source }: RegisteredModel): Pick<DemoModel, 'accuracy' | 'measuredOn'> {
  const { [ACCURACY_TAG]: accuracy, [MEASURED_TAG]: measuredOn } = (manifest ?? source)?.tags ?? {};
  if (!(Number(accuracy) >= 0) || !(Number(measuredOn) > 0)) return {};
  return { accuracy: Number(accuracy), measuredOn: Number(measuredOn) };
}
