export { DataType, dataTypeName } from './data-type.js';
export type { ModelSpec } from './model-spec.js';
export {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequest,
  type PredictResponse,
} from './predict.js';
export { type MalformedRequest, predictServerMethod } from './prediction-service.js';
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
