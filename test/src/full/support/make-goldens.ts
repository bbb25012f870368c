import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../support/checkout.js';
import type { PythonEnvironment } from './python-environment.js';
import { type PictureJob, pictureJob, RECIPE_JOBS, runTensorflow } from './tensorflow-pictures.js';

export const GOLDENS = join(ROOT, 'modules/scoring/goldens');
const SAMPLES = 64;

/** What `goldens.json` is to hold: TensorFlow's own results for the pictures beside it. */
export async function makeGoldens(environment: PythonEnvironment, folder: string): Promise<object> {
  const names = (await readdir(join(GOLDENS, 'pictures'))).sort();
  const jobs = names.flatMap((name): PictureJob[] => {
    const file = join(GOLDENS, 'pictures', name);
    const accurate = needsAccurate(name);
    return [{ file, accurate }, ...RECIPE_JOBS.map((one) => pictureJob(file, one, accurate))];
  });
  const answers = await runTensorflow(environment, folder, jobs);
  const pictures: Record<string, object> = {};
  for (const [index, name] of names.entries()) {
    const [decoded, ...tensors] = answers.slice(index * (1 + RECIPE_JOBS.length));
    if (decoded!.error !== undefined) {
      pictures[name] = { error: decoded!.error };
      continue;
    }
    const [height, width] = decoded!.shape;
    const entries: [string, object][] = [];
    for (const [at, { name: recipe }] of RECIPE_JOBS.entries()) {
      const one = tensors[at]!;
      const entry =
        one.error === undefined ? { sha256: one.sha256, samples: await sample(one.values!) } : { error: one.error };
      entries.push([recipe, entry]);
    }
    pictures[name] = { height, width, sha256: decoded!.sha256, tensors: Object.fromEntries(entries) };
  }
  const recipes = Object.fromEntries(RECIPE_JOBS.map(({ name, recipe }) => [name, recipe]));
  return { tensorflow: '2.15.1', recipes, pictures };
}

/** CMYK and samplings without a name are compared with TensorFlow's accurate transform. */
function needsAccurate(name: string): boolean {
  return name.includes('cmyk') || name.includes('unusual');
}

async function sample(file: string): Promise<string> {
  const raw = await readFile(file);
  const values = raw.length / 4;
  const picked = Array.from({ length: SAMPLES }, (_, index) => {
    const at = Math.floor((index * values) / SAMPLES) * 4;
    return raw.subarray(at, at + 4);
  });
  return Buffer.concat(picked).toString('base64');
}
