export { DataType, dataTypeName } from './data-type.js';
export {
  type Any,
  decodeGetModelMetadataRequest,
  decodeGetModelMetadataResponse,
  encodeGetModelMetadataRequest,
  encodeGetModelMetadataResponse,
  type GetModelMetadataRequest,
  type GetModelMetadataResponse,
} from './get-model-metadata.js';
export {
  decodeGetModelStatusRequest,
  decodeGetModelStatusResponse,
  encodeGetModelStatusRequest,
  encodeGetModelStatusResponse,
  type GetModelStatusRequest,
  type GetModelStatusResponse,
  ModelState,
  type ModelVersionStatus,
} from './get-model-status.js';
export {
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthListResponse,
  healthServerMethods,
  ServingStatus,
} from './health.js';
export { loadProtoFiles } from './load-proto-files.js';
export type { ModelConfig, ModelServerConfig } from './model-server-config.js';
export { getModelStatusServerMethod, reloadConfigServerMethod } from './model-service.js';
export type { ModelSpec } from './model-spec.js';
export {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequest,
  type PredictResponse,
} from './predict.js';
export { decodePredictionLog, encodePredictionLog } from './prediction-log.js';
export { examplesServerMethods, getModelMetadataServerMethod, predictServerMethod } from './prediction-service.js';
export type { ProtoFile } from './proto-files.js';
export {
  type ReflectionQuestion,
  type ReflectionRequest,
  type ReflectionResponse,
  reflectionServerMethods,
} from './reflection.js';
export {
  decodeReloadConfigRequest,
  decodeReloadConfigResponse,
  encodeReloadConfigRequest,
  encodeReloadConfigResponse,
  type ReloadConfigRequest,
  type ReloadConfigResponse,
} from './reload-config.js';
export { isMalformed, type MalformedRequest } from './server-method.js';
export { packSignatureDefMap, type SignatureDef, type TensorInfo } from './signature-def.js';
export { OK_STATUS, type StatusProto } from './status-proto.js';
export { packStruct, type StructObject, type StructValue } from './struct.js';
export type { TensorProto } from './tensor-proto.js';
export {
  elementCount,
  floatTensor,
  floatValues,
  stringTensor,
  stringValues,
  type TensorEncoding,
  TensorParseError,
} from './tensor-values.js';
export { readTfRecords, writeTfRecords } from './tf-record.js';
export type { VersionPolicy } from './version-policy.js';
export { WireError } from './wire.js';
