import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DoorContext } from '../../door-context.js';
import { asScoringError, scoringError } from '../../errors.js';
import type { ScoreReply } from '../../scoring/scorer.js';
import { type ErrorBody, errorHandler, sendError } from '../errors.js';
import { modelMetadata } from './model-metadata.js';
import { type ModelPath, readModelPath } from './model-path.js';
import { modelStatus } from './model-status.js';
import { parseJson } from './parse-json.js';
import { predict } from './predict.js';
import { predictReply } from './predict-reply.js';
import { readPredictRequest } from './predict-request.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const JSON_TYPE = 'application/json; charset=utf-8';
/** Texts are cut there (`model_servers/grpc_status_util.cc`). */
const LONGEST_TEXT = 1024;

const restErrorBody: ErrorBody = ({ message }) => {
  const text = message.trim();
  return { error: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}...TRUNCATED` : text };
};

/**
 * TensorFlow Serving's REST API, version 1: status, metadata and predict of the model, with its texts and statuses
 * (`model_servers/http_rest_api_handler.cc`). Errors are `{"error": text}`.
 */
export function restRoutes(app: FastifyInstance, context: DoorContext): void {
  for (const url of ['/v1/models', '/v1/models/*']) {
    app.route({
      url,
      method: METHODS,
      exposeHeadRoute: false,
      errorHandler: errorHandler(context, restErrorBody),
      handler: (request, reply) => answer(request, reply, context),
    });
  }
}

async function answer(request: FastifyRequest, reply: FastifyReply, context: DoorContext): Promise<FastifyReply> {
  const path = request.url.split('?')[0]!;
  const asked = readModelPath(request.method, path);
  try {
    if (!asked) throw scoringError('REST_PATH', request.method, path.slice(0, 200));
    if (asked.label !== undefined) throw scoringError('VERSION_LABEL_UNKNOWN', asked.label);
    if (asked.action === 'status') return reply.send(modelStatus(asked, context));
    if (asked.action === 'metadata') return reply.send(modelMetadata(context.scorer.serving(modelOf(asked))));
    if (asked.action !== 'predict') throw scoringError('METHOD_UNSERVED', asked.action);
  } catch (thrown) {
    return refuse(thrown, reply, context);
  }
  return answerPredict(asked, request, reply, context);
}

async function answerPredict(
  asked: ModelPath,
  { body }: FastifyRequest,
  reply: FastifyReply,
  context: DoorContext,
): Promise<FastifyReply> {
  const start = performance.now();
  const gone = new AbortController();
  const abort = () => gone.abort();
  reply.raw.once('close', abort);
  const count = (code: Parameters<typeof context.metrics.call>[0]['code'], scored?: ScoreReply) => {
    const seconds = (performance.now() - start) / 1000;
    context.metrics.call({ door: 'http', code, seconds, ...(scored && { reply: scored }) });
  };
  try {
    const request = readPredictRequest(parseJson(Buffer.isBuffer(body) ? body : Buffer.alloc(0)));
    const deadline = start + context.settings.scoring.timeoutMs;
    const caller = { model: modelOf(asked), deadline, signal: gone.signal };
    const { tensors, reply: scored } = await predict(request, caller, context);
    const text = await predictReply(request.form, tensors);
    count('OK', scored);
    return reply.type(JSON_TYPE).send(text);
  } catch (thrown) {
    count(asScoringError(thrown).code);
    return refuse(thrown, reply, context);
  } finally {
    reply.raw.off('close', abort);
  }
}

function modelOf({ name, version }: ModelPath): { readonly name: string; readonly version?: number } {
  return { name, ...(version !== undefined && { version }) };
}

function refuse(thrown: unknown, reply: FastifyReply, { log }: DoorContext): FastifyReply {
  const error = asScoringError(thrown);
  if (error.code === 'INTERNAL') log.error('a REST call failed', thrown);
  return sendError(reply, error, restErrorBody);
}
