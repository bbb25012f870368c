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

/** Where the body is not looked at. */
interface Unread {
  readonly bytes: Uint8Array;
}

const unread = (name: string) =>
  serverMethod({
    service,
    name,
    request: { encode: ({ bytes }: Unread) => Buffer.from(bytes), decode: (bytes): Unread => ({ bytes }) },
    response: {
      encode: (): Buffer => {
        throw new TypeError(`${name} is never answered`);
      },
    },
  });

/** The methods that take `tensorflow.Example` records: known, so that a server can say why it has none for them. */
export const examplesServerMethods = {
  Classify: unread('Classify'),
  Regress: unread('Regress'),
  MultiInference: unread('MultiInference'),
} as const;
