export type { DetectionOptions } from '@edgeslot/detection';
export { type DetectedObject, type FindOptions, findObjects } from './find-objects.js';
export {
  type ClientOptions,
  type DetectResult,
  type OutputTensor,
  PredictionClient,
  type ScoreOptions,
  type ScoreResult,
} from './prediction-client.js';
export { PredictionError } from './prediction-error.js';
export { type Answer, topK } from './top-k.js';
