export {
  type ClientOptions,
  type OutputTensor,
  PredictionClient,
  type ScoreOptions,
  type ScoreResult,
} from './prediction-client.js';
export { PredictionError } from './prediction-error.js';
export { type Answer, topK } from './top-k.js';
