/** The thread that makes the demo models; `ensureDemoModels` starts it and speaks these messages with it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { StagingOwner } from '../registry/staging.js';
import type { DemoModel, DemoProgress } from './demo-models.js';
import type { DemoRecipe } from './demo-recipe.js';
import { makeDemoModels } from './make-demo-models.js';
import { TRAITS } from './traits.js';

export interface DemoWorkerData {
  readonly modelsDir: string;
  readonly owner: StagingOwner;
  readonly recipe: DemoRecipe;
  /** Names of the models to make. */
  readonly models: readonly string[];
}

export type FromDemoWorker =
  | { readonly type: 'progress'; readonly progress: DemoProgress }
  | { readonly type: 'made'; readonly models: readonly DemoModel[] };

const { modelsDir, owner, recipe, models } = workerData as DemoWorkerData;
const port = parentPort!;
const post = (message: FromDemoWorker) => port.postMessage(message);
const abort = new AbortController();
// The only message from outside is the wish to stop.
port.once('message', () => abort.abort());

try {
  const made = await makeDemoModels({
    modelsDir,
    owner,
    recipe,
    traits: TRAITS.filter((trait) => models.includes(trait.model)),
    signal: abort.signal,
    onProgress: (progress) => post({ type: 'progress', progress }),
  });
  post({ type: 'made', models: made });
} finally {
  port.close();
}
