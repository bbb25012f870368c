import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeCardPackage } from './card-package.js';
import type { PackageFiles } from './package-fuzz.js';
import { writeSsdPackage } from './ssd-package.js';
import { writeTinyPackage } from './tiny-package.js';

/**
 * Four small packages: probabilities, logits with other weights and labels, a detector without a classifier, one for a
 * card, whose tail has its weights in the featurizer's file.
 */
export async function fuzzedPackages(directory: string): Promise<PackageFiles[]> {
  const weights = [0.01, -0.02, 0.03, 0.004, 0.05, -0.06, -0.017, 0.08, 0.019];
  const homes = [
    await writeTinyPackage(join(directory, 'probabilities')),
    await writeTinyPackage(join(directory, 'logits'), { softmax: false, weights, labels: ['a', 'b', 'c'] }),
    await writeSsdPackage(join(directory, 'detector')),
    await writeCardPackage(join(directory, 'card')),
  ];
  return await Promise.all(homes.map(filesOf));
}

async function filesOf(home: string): Promise<PackageFiles> {
  const names = await readdir(home);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(home, name))])));
}
