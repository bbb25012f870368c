import { mkdir } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { ONNXRUNTIME_THREAD, quietOnnxruntime } from '@edgeslot/scoring/onnxruntime-thread';
import { removeStaging, stagingOwner } from '../registry/staging.js';
import type { DemoModel, DemoModels, EnsureDemoModelsOptions } from './demo-models.js';
import { DEMO_RECIPE, type DemoRecipe, recipeKey } from './demo-recipe.js';
import type { DemoWorkerData, FromDemoWorker } from './demo-worker.js';
import { findDemoModel } from './existing.js';
import { removeSuperseded } from './superseded.js';
import { TRAITS } from './traits.js';

/** An aborted worker looks at the signal after every frame; a longer silence means it hangs. */
const ABORT_GRACE_MS = 5_000;

/**
 * Sees to it that the registry holds `belt-object` and `belt-colour` as this version of the program makes them, and
 * makes the ones that it does not: about half a minute on two cores, in a worker thread. A newer version of somebody's own
 * under one of those names is left as it is: it is what a deployment that names the model gets. Where `usersOf` is given,
 * demo models that newer ones replace are removed, unless something needs them.
 *
 * Rejects with the signal's reason when aborted, with an Error that says what was measured when a model is not good
 * enough, and with what the file system says. In each case nothing half-made stays; calling again begins anew.
 */
export async function ensureDemoModels(options: EnsureDemoModelsOptions): Promise<DemoModels> {
  const { modelsDir, signal, recipe = DEMO_RECIPE, onDamaged } = options;
  signal?.throwIfAborted();
  await mkdir(modelsDir, { recursive: true });
  await removeStaging(modelsDir);
  const key = recipeKey(recipe);
  const found: (DemoModel | undefined)[] = [];
  // One after the other: the second finds the digest of the file that both share already known.
  for (const trait of TRAITS) {
    found.push(
      await findDemoModel(modelsDir, trait, key, { ...(signal && { signal }), ...(onDamaged && { onDamaged }) }),
    );
  }
  const missing = TRAITS.filter((_, index) => !found[index]).map((trait) => trait.model);
  const made = missing.length > 0 ? await makeMissing(missing, recipe, options) : [];
  const models = TRAITS.map((_, index) => found[index] ?? made.shift()!);
  const removed = options.usersOf ? await removeSuperseded(modelsDir, options.usersOf) : [];
  return { models, made: missing.length > 0, removed };
}

async function makeMissing(
  models: readonly string[],
  recipe: DemoRecipe,
  options: EnsureDemoModelsOptions,
): Promise<DemoModel[]> {
  const { modelsDir } = options;
  const owner = stagingOwner();
  try {
    return await runWorker({ modelsDir, owner, recipe, models }, options);
  } finally {
    await removeStaging(modelsDir, owner);
  }
}

async function runWorker(
  workerData: DemoWorkerData,
  { onProgress, signal }: EnsureDemoModelsOptions,
): Promise<DemoModel[]> {
  quietOnnxruntime();
  const worker = new Worker(new URL('./demo-worker.js', import.meta.url), {
    workerData,
    resourceLimits: ONNXRUNTIME_THREAD,
  });
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    worker.postMessage('abort');
    timer = setTimeout(() => void worker.terminate(), ABORT_GRACE_MS);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await new Promise<DemoModel[]>((resolve, reject) => {
      let made: readonly DemoModel[] | undefined;
      worker.on('message', (message: FromDemoWorker) => {
        if (message.type === 'made') made = message.models;
        else onProgress?.(message.progress);
      });
      worker.once('error', reject);
      // Only when the thread is gone are its files closed and its memory free.
      worker.once('exit', (code) => {
        if (made) resolve([...made]);
        else reject(new Error(`demo models: the thread that makes them ended with code ${code}`));
      });
    });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
