/** Public: the scoring server as a library, and what its parts are made of. */

export type { CameraFrame, FailedFrame, ScoredFrame } from './camera-frame.js';
export type { Config, LogLevel, SectionName, Sections } from './config/index.js';
export { configSchema, LiveSettings, SECTION_NAMES, validateDesired } from './config/index.js';
export type * from './device/device.js';
export { type ErrorCode, type GrpcStatusName, listErrors, ScoringError, STATUS } from './errors.js';
export type { ClassificationInference, EntityInference, Inference } from './http/inferences.js';
export type { ModelId, ModelReference } from './model/model-id.js';
export type { ScoreReply, ScoreRequest, Scorer } from './scoring/scorer.js';
export { loadConfig, type ScoringServer, type ServerDependencies, type StartOptions, startServer } from './serve.js';
export type * from './slot/slot-state.js';
