/** Makes model packages and keeps the registry they live in. Never imported by the scoring module. */

export { type DeviceTime, modelDeviceTime } from '@edgeslot/scoring/graph';
export {
  type ComparedModels,
  type CompareModelsOptions,
  compareModels,
  IncomparableError,
} from './compare/compare-models.js';
export { type CreateModelOptions, type CreateProgress, createModel } from './create/create-model.js';
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
export type { AgreementReport } from './evaluate/agreement.js';
export type { DetectorReport } from './evaluate/detector-agreement.js';
export { findPictures } from './evaluate/find-pictures.js';
export type { PictureFailure } from './evaluate/run-pictures.js';
export { type MadeHead, type MakeHeadOptions, makeHead } from './head/make-head.js';
export { completeRecipe, type RecipeFile } from './import/recipe-file.js';
export { ModelPathError, registerModel } from './import/register-model.js';
export type { RegisteredPackage, RegisterOptions } from './import/registration.js';
export { chooseFormat, MS_FP_FORMATS, type MsFpChoice, type MsFpFormat } from './ms-fp/format.js';
export { type MadeMsFp, type MakeMsFpOptions, type MsFpProgress, makeMsFp } from './ms-fp/make-ms-fp.js';
export { NETWORKS } from './networks/networks.js';
export {
  ERRORS_FILE,
  type Preprocessed,
  type PreprocessOptions,
  preprocessPictures,
  type RefusedPicture,
  type WrittenPicture,
} from './preprocess/preprocess-pictures.js';
export { cacheFolder } from './python/cache-folder.js';
export { ensurePython } from './python/ensure-python.js';
export type { PythonEnvironment, PythonNeeds, PythonOptions, RequirementsFile } from './python/environment.js';
export { PythonError } from './python/python-error.js';
export { type RunScriptOptions, runScript } from './python/run-script.js';
export {
  type MeasuredModel,
  type QuantizedModel,
  type QuantizeModelOptions,
  type QuantizeProgress,
  quantizeModel,
} from './quantize/quantize-model.js';
export { type CalibrationMethod, METHODS as CALIBRATION_METHODS } from './quantize/quantizer.js';
export { LEAST_PICTURES } from './quantize/split-pictures.js';
export { type DeleteOptions, deleteModel, ModelInUseError } from './registry/delete.js';
export { checkModelName } from './registry/layout.js';
export {
  findModel,
  listModels,
  type RegisteredModel,
  type ShownModel,
  type ShownSource,
  showModel,
} from './registry/list.js';
export { type PackageDraft, type PublishOptions, publishPackage } from './registry/publish.js';
export type { SourceManifest } from './registry/source-manifest.js';
export { openStaging, removeStaging, type StagingOwner, stagingOwner } from './registry/staging.js';
export { verifyModel } from './registry/verify.js';
export type { TaskProgress } from './worker/progress.js';
