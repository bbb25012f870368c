/** Public: what a model package is, and how one is read. */
export { ScoringError, scoringError } from '../errors.js';
export { answerGraph } from './answer-graph.js';
export type * from './manifest.js';
export { checkRecipe, parseManifest } from './manifest-check.js';
export { manifestDigest, sealManifest } from './manifest-digest.js';
export { manifestSchema } from './manifest-schema.js';
export { formatModelId, type ModelId, type ModelReference, parseModelReference } from './model-id.js';
export { type ListedModel, listModels, resolveModel } from './models-directory.js';
export { originalRecipe, type PreprocessArrayOptions, RECIPES } from './named-recipes.js';
export { numericsText } from './numerics-text.js';
export type { OnnxHeader, OnnxOperator, OnnxScope, OnnxValue } from './onnx/onnx-header.js';
export { IR_VERSIONS, OPSETS } from './onnx/operators.js';
export { readOnnxHeader } from './onnx/read-header.js';
export { typeName } from './onnx/read-value.js';
export { verifyGraph, verifyOperators } from './onnx/verify-graph.js';
export { openPackage } from './open-package.js';
export type { Package } from './package.js';
export { formatShape } from './shape.js';
