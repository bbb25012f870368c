import type {
  GetModelMetadataRequest,
  GetModelStatusRequest,
  MalformedRequest,
  PredictRequest,
  PredictResponse,
  ReloadConfigRequest,
} from '@edgeslot/tensorflow-serving';
import type { DoorContext } from '../door-context.js';
import { asScoringError, scoringError } from '../errors.js';
import { getModelMetadata } from './get-model-metadata.js';
import { getModelStatus } from './get-model-status.js';
import { predict } from './predict.js';
import { reloadConfig } from './reload-config.js';
import { type CallFacts, unaryHandler, wellFormed } from './unary-handler.js';

/** The handlers of `tensorflow.serving.PredictionService`. */
export function predictionService(context: DoorContext) {
  return {
    Predict: unaryHandler('Predict', context, (request: PredictRequest | MalformedRequest, call) =>
      countedPredict(request, call, context),
    ),
    // Not in the metrics: those count frames.
    GetModelMetadata: unaryHandler('GetModelMetadata', context, (request: GetModelMetadataRequest | MalformedRequest) =>
      getModelMetadata(wellFormed(request), context),
    ),
    Classify: unserved('Classify', context),
    Regress: unserved('Regress', context),
    MultiInference: unserved('MultiInference', context),
  };
}

/** The handlers of `tensorflow.serving.ModelService`. */
export function modelService(context: DoorContext) {
  return {
    GetModelStatus: unaryHandler('GetModelStatus', context, (request: GetModelStatusRequest | MalformedRequest) =>
      getModelStatus(wellFormed(request), context),
    ),
    HandleReloadConfigRequest: unaryHandler(
      'HandleReloadConfigRequest',
      context,
      (request: ReloadConfigRequest | MalformedRequest) => reloadConfig(wellFormed(request), context),
    ),
  };
}

/** Methods that take tensorflow.Example records, for which no image model has a signature. */
function unserved(method: string, context: DoorContext) {
  return unaryHandler(method, context, () => {
    throw scoringError('METHOD_UNSERVED', method);
  });
}

async function countedPredict(
  request: PredictRequest | MalformedRequest,
  { deadline, signal }: CallFacts,
  context: DoorContext,
): Promise<PredictResponse> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const left = deadline - Date.now();
  const timeout = Number.isFinite(left) ? left : context.settings.scoring.timeoutMs;
  try {
    const call = { request: wellFormed(request), deadline: start + timeout, signal };
    const { response, reply } = await predict(call, context);
    context.metrics.call({ door: 'grpc', code: 'OK', seconds: seconds(), reply });
    return response;
  } catch (thrown) {
    context.metrics.call({ door: 'grpc', code: asScoringError(thrown).code, seconds: seconds() });
    throw thrown;
  }
}
