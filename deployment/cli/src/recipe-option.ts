import type { RecipeFile } from '@edgeslot/model-tools';
import { usageError } from './cli-error.js';
import { readJsonArgument } from './json-argument.js';

/** `--recipe`: the name of a recipe, or a file that says one. */
export async function readRecipe(value: string): Promise<RecipeFile> {
  const { RECIPES } = await import('@edgeslot/scoring/model');
  if (RECIPES.has(value)) return { like: value };
  // A name has no dot and no slash, and a file nearly always has one.
  if (/^[a-z0-9-]+$/.test(value)) {
    const known = [...RECIPES.keys()].join(', ');
    throw usageError(`--recipe ${value}: no recipe has that name; expected FILE.json, or one of ${known}`);
  }
  const recipe = await readJsonArgument(`@${value}`, '--recipe');
  if (typeof recipe === 'object' && recipe !== null && !Array.isArray(recipe)) return recipe as RecipeFile;
  throw usageError(`--recipe ${value}: expected an object, {"like": "torchvision", "resize": {"shortSide": 232}, …}`);
}
