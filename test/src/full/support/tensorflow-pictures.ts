import { RECIPES, type Recipe } from '@edgeslot/scoring/model';
import type { PythonEnvironment } from './python-environment.js';
import { runPython } from './run-python.js';

/** Arguments of `preprocess_array`. */
type OriginalArguments = Readonly<Record<string, string | number | boolean>>;

/** A recipe, and what TensorFlow is to do for it. */
export interface RecipeJob {
  readonly name: string;
  readonly recipe: Recipe;
  /** The original function does it, and not the recipe's own numbers. */
  readonly original?: OriginalArguments;
}

export interface PictureJob {
  readonly file: string;
  /** Decode with INTEGER_ACCURATE: what CMYK JPEGs are compared with. */
  readonly accurate?: boolean;
  readonly original?: OriginalArguments;
  readonly recipe?: Recipe;
}

/** Shape and digest of pixels (uint8) or of a tensor (float32, whose values are in a file), or a refusal. */
export type TensorflowAnswer =
  | { readonly shape: readonly number[]; readonly sha256: string; readonly values?: string; readonly error?: never }
  | { readonly error: string };

const ORIGINALS: Readonly<Record<string, OriginalArguments>> = {
  'original-resnet': { order: 'BGR' },
  'original-resnet-rgb': {},
  'original-densenet': { scaling_factor: 0.017 },
  'original-ssd': { output_height: 300, output_width: 300, preserve_aspect_ratio: false },
};

/** The named recipes that differ in more than numbers. */
export const RECIPE_JOBS: readonly RecipeJob[] = [
  ...Object.entries(ORIGINALS).map(([name, original]) => ({ name, recipe: RECIPES.get(name)!, original })),
  ...['torchvision', 'torchvision-no-antialias', 'keras-caffe', 'keras-tf'].map((name) => ({
    name,
    recipe: RECIPES.get(name)!,
  })),
];

/** What is done for one picture by one recipe. */
export function pictureJob(file: string, { recipe, original }: RecipeJob, accurate: boolean): PictureJob {
  return { file, accurate, ...(original ? { original } : { recipe }) };
}

/** Runs all jobs in one Python process, because importing TensorFlow takes seconds. */
export async function runTensorflow(
  environment: PythonEnvironment,
  folder: string,
  jobs: readonly PictureJob[],
): Promise<TensorflowAnswer[]> {
  const run = { script: 'tensorflow_pictures.py', folder, input: { folder, jobs } };
  return (await runPython(environment, run)) as TensorflowAnswer[];
}
