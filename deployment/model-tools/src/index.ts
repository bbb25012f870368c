/** Makes model packages and keeps the registry they live in. Never imported by the scoring module. */
export type {
  DamagedModel,
  DemoModel,
  DemoModels,
  DemoPhase,
  DemoProgress,
  EnsureDemoModelsOptions,
} from './demo/demo-models.js';
export { DEMO_RECIPE, type DemoRecipe } from './demo/demo-recipe.js';
export { ensureDemoModels } from './demo/ensure-demo-models.js';
export { listModels, type RegisteredModel, type ShownModel, showModel } from './registry/list.js';
export { type PackageDraft, type PublishOptions, publishPackage } from './registry/publish.js';
export { openStaging, removeStaging, type StagingOwner, stagingOwner } from './registry/staging.js';
