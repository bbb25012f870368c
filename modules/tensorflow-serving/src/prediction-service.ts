import {
  decodeGetModelMetadataRequest,
  decodeGetModelMetadataResponse,
  encodeGetModelMetadataRequest,
  encodeGetModelMetadataResponse,
} from './get-model-metadata.js';
import { decodePredictRequest, decodePredictResponse, encodePredictRequest, encodePredictResponse } from './predict.js';
import { serverMethod } from './server-method.js';

const service = 'tensorflow.serving.PredictionService';

/** `tensorflow.serving.PredictionService/Predict` for a server, in the shape that grpc-js takes. */
export const predictServerMethod = serverMethod({
  service,
  name: 'Predict',
  request: { encode: encodePredictRequest, decode: decodePredictRequest },
  response: { encode: encodePredictResponse, decode: decodePredictResponse },
});

/** `tensorflow.serving.PredictionService/GetModelMetadata`, likewise. */
export const getModelMetadataServerMethod = serverMethod({
  service,
  name: 'GetModelMetadata',
  request: { encode: encodeGetModelMetadataRequest, decode: decodeGetModelMetadataRequest },
  response: { encode: encodeGetModelMetadataResponse, decode: decodeGetModelMetadataResponse },
});
