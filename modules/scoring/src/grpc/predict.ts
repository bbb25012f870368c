import { floatTensor, type PredictRequest, type PredictResponse } from '@edgeslot/tensorflow-serving';
import type { FrameInput } from '../device/device.js';
import type { DoorContext } from '../door-context.js';
import { scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import type { ScoreReply } from '../scoring/scorer.js';
import { acceptedDtypes, bindNames, outputOf, type ReplyTensor, SIGNATURE } from '../scoring/signature.js';
import { checkSignatureName, checkVersionLabel, namedModel } from './model-spec.js';
import { checkReplySize } from './reply-size.js';
import { frameInput } from './request-input.js';

export interface PredictCall {
  readonly request: PredictRequest;
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/**
 * Predict with TensorFlow Serving's semantics (`servables/tensorflow/predict_impl.cc`), and what Microsoft's clients
 * need beyond them: no or an empty `model_spec` means the loaded model.
 */
export async function predict(
  { request, deadline, signal }: PredictCall,
  context: DoorContext,
): Promise<{ readonly response: PredictResponse; readonly reply: ScoreReply }> {
  checkVersionLabel(request.modelSpec);
  checkSignatureName(request.modelSpec);
  const loaded = context.model();
  const names = [...request.inputs.keys()];
  // Bad names are refused before they cost a frame; a swap may still bring another model, so they are bound again.
  const early = loaded && bindNames(loaded, names, request.outputFilter);
  if (names.length !== 1) throw scoringError('INPUT_COUNT', names, ['images'], names.join(', '), 'images');
  const [name, tensor] = [...request.inputs][0]!;
  const input = frameInput(name, tensor, {
    maxBatch: context.settings.scoring.maxBatch,
    maxMessageBytes: context.maxMessageBytes,
    dtypes: loaded ? acceptedDtypes(loaded) : ['string', 'float'],
    model: loaded ? formatModelId(loaded.id) : 'none',
  });
  const limit = context.settings.scoring.maxReplyBytes;
  if (early) checkReplySize(loaded, early, batchOf(input), limit);
  const model = namedModel(request.modelSpec, loaded);
  const reply = await context.scorer.score({ input, deadline, signal, ...(model && { model }) });
  const same = reply.model === loaded;
  const outputs = early && same ? early : bindNames(reply.model, names, request.outputFilter);
  if (!same) checkReplySize(reply.model, outputs, batchOf(input), limit);
  return { response: answer(reply, outputs, context), reply };
}

function batchOf(input: FrameInput): number {
  return input.kind === 'images' ? input.images.length : input.shape[0]!;
}

function answer(reply: ScoreReply, outputs: readonly ReplyTensor[], { settings }: DoorContext): PredictResponse {
  const encoding = settings.scoring.replyEncoding;
  const tensors = outputs.map((one) => {
    const { shape, data } = outputOf(reply, one);
    return [one.key, floatTensor(shape, data, encoding)] as const;
  });
  const { name, version } = reply.model.id;
  return { outputs: new Map(tensors), modelSpec: { name, version, signatureName: SIGNATURE } };
}
