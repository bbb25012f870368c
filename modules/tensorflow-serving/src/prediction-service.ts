import {
  decodeGetModelMetadataRequest,
  decodeGetModelMetadataResponse,
  encodeGetModelMetadataRequest,
  encodeGetModelMetadataResponse,
} from './get-model-metadata.js';
import { decodePredictRequest, decodePredictResponse, encodePredictRequest, encodePredictResponse } from './predict.js';

/** A body that is not the method's request. gRPC would answer INTERNAL, which clients retry; the door answers INVALID_ARGUMENT. */
export interface MalformedRequest {
  readonly malformed: string;
}

export function isMalformed(request: object): request is MalformedRequest {
  return 'malformed' in request;
}

/** `tensorflow.serving.PredictionService/Predict` for a server, in the shape that grpc-js takes. */
export const predictServerMethod = serverMethod({
  name: 'Predict',
  request: { encode: encodePredictRequest, decode: decodePredictRequest },
  response: { encode: encodePredictResponse, decode: decodePredictResponse },
});

/** `tensorflow.serving.PredictionService/GetModelMetadata`, likewise. */
export const getModelMetadataServerMethod = serverMethod({
  name: 'GetModelMetadata',
  request: { encode: encodeGetModelMetadataRequest, decode: decodeGetModelMetadataRequest },
  response: { encode: encodeGetModelMetadataResponse, decode: decodeGetModelMetadataResponse },
});

interface Codec<T> {
  readonly encode: (message: T) => Buffer;
  readonly decode: (bytes: Uint8Array) => T;
}

interface Method<Request, Response> {
  readonly name: string;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

function serverMethod<Request extends object, Response>({ name, request, response }: Method<Request, Response>) {
  return {
    path: `/tensorflow.serving.PredictionService/${name}`,
    requestStream: false,
    responseStream: false,
    originalName: name.charAt(0).toLowerCase() + name.slice(1),
    requestSerialize: (message: Request | MalformedRequest): Buffer => {
      if (isMalformed(message)) throw new TypeError('a malformed request cannot be sent');
      return request.encode(message);
    },
    requestDeserialize: (bytes: Buffer): Request | MalformedRequest => {
      try {
        return request.decode(bytes);
      } catch (error) {
        return { malformed: error instanceof Error ? error.message : String(error) };
      }
    },
    responseSerialize: response.encode,
    responseDeserialize: (bytes: Buffer): Response => response.decode(bytes),
  } as const;
}
