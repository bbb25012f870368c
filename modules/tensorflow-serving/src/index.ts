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
export type { ModelSpec } from './model-spec.js';
export {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequest,
  type PredictResponse,
} from './predict.js';
export {
  getModelMetadataServerMethod,
  isMalformed,
  type MalformedRequest,
  predictServerMethod,
} from './prediction-service.js';
export { packSignatureDefMap, type SignatureDef, type TensorInfo } from './signature-def.js';
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
