import type { DeleteOptions } from '../registry/delete.js';
import type { DemoRecipe } from './demo-recipe.js';

/** What `ensureDemoModels` is doing: steps come in this order, `done` of `total` in the step's own units. */
export type DemoPhase = 'weights' | 'render' | 'features' | 'train' | 'publish';

export interface DemoProgress {
  readonly phase: DemoPhase;
  readonly done: number;
  readonly total: number;
}

export interface EnsureDemoModelsOptions {
  /** The models directory; made when absent. */
  readonly modelsDir: string;
  /** Who uses a model outside the registry, as for `deleteModel`: a replaced demo model that is used stays. Without it all stay. */
  readonly usersOf?: DeleteOptions['usersOf'];
  readonly onProgress?: (progress: DemoProgress) => void;
  /** A model that is there but is not what its manifest says; it is made anew as the next version. */
  readonly onDamaged?: (model: DamagedModel) => void;
  readonly signal?: AbortSignal;
  /** Other seeds and counts than the product's own. */
  readonly recipe?: DemoRecipe;
}

export interface DamagedModel {
  /** `name:version`. */
  readonly id: string;
  /** What is wrong with it, with the file. */
  readonly text: string;
}

export interface DemoModel {
  /** `name:version`. */
  readonly id: string;
  /** Whether somebody registered it under a demo model's name: its newest version is served, whoever made it. */
  readonly own: boolean;
  /** Share of unseen frames, or pictures set aside, judged right when the model was made, 0 to 1; unknown of some own ones. */
  readonly accuracy?: number;
  /** How many that was measured on. */
  readonly measuredOn?: number;
  readonly classes: readonly string[];
}

export interface DemoModels {
  /** `belt-object`, then `belt-colour`. */
  readonly models: readonly DemoModel[];
  /** False when both were there already. */
  readonly made: boolean;
  /** Ids of earlier demo models that newer ones replace, and that are gone now. */
  readonly removed: readonly string[];
}
