import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Type } from 'protobufjs';

const protobuf = createRequire(import.meta.url)('protobufjs') as typeof import('protobufjs');
const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'proto');

/** The published .proto texts, read by protobufjs: an encoder and decoder that shares nothing with ours. */
export const root = new protobuf.Root();
root.resolvePath = (_origin, target) => (target.startsWith('google/protobuf/') ? target : join(folder, target));
root.loadSync([
  ...['prediction_service', 'model_service'].map((name) => `tensorflow_serving/apis/${name}.proto`),
  ...['health/v1/health', 'reflection/v1/reflection', 'reflection/v1alpha/reflection'].map(
    (name) => `grpc/${name}.proto`,
  ),
]);
root.resolveAll();

export const service = root.lookupService('tensorflow.serving.PredictionService');
export const modelService = root.lookupService('tensorflow.serving.ModelService');
export const reflected = (name: string): Type => root.lookupType(name);
export const PredictRequest = reflected('tensorflow.serving.PredictRequest');
export const PredictResponse = reflected('tensorflow.serving.PredictResponse');
export const dataTypes = root.lookupEnum('tensorflow.DataType').values;
