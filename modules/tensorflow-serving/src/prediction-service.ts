import {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequest,
  type PredictResponse,
} from './predict.js';

/** A body that is not a PredictRequest. gRPC would answer INTERNAL, which clients retry; the door answers INVALID_ARGUMENT. */
export interface MalformedRequest {
  readonly malformed: string;
}

/** `tensorflow.serving.PredictionService/Predict` for a server, in the shape that grpc-js takes. */
export const predictServerMethod = {
  path: '/tensorflow.serving.PredictionService/Predict',
  requestStream: false,
  responseStream: false,
  originalName: 'predict',
  requestSerialize: (request: PredictRequest | MalformedRequest): Buffer => {
    if ('malformed' in request) throw new TypeError('a malformed request cannot be sent');
    return encodePredictRequest(request);
  },
  requestDeserialize: (bytes: Buffer): PredictRequest | MalformedRequest => {
    try {
      return decodePredictRequest(bytes);
    } catch (error) {
      return { malformed: error instanceof Error ? error.message : String(error) };
    }
  },
  responseSerialize: encodePredictResponse,
  responseDeserialize: (bytes: Buffer): PredictResponse => decodePredictResponse(bytes),
} as const;
