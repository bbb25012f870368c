import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CameraFrame } from '../camera-frame.js';
import type { DoorContext } from '../door-context.js';
import { asScoringError, type ErrorCode, scoringError } from '../errors.js';
import { formatModelId } from '../model/model-id.js';
import { pictureSize } from '../preprocess/picture-size.js';
import { pictureType } from '../preprocess/picture-type.js';
import { checkDetects, DetectionReader, isDetector } from '../scoring/detections.js';
import { topK } from '../scoring/postprocess.js';
import { sendError } from './errors.js';
import { toClassifications, toEntities } from './inferences.js';
import { multipartFile } from './multipart-file.js';

/** A camera's name is a queue's key and goes into messages: printable, and not long. */
const CAMERA = /^[\x20-\x7e]{1,128}$/;

/** A newer frame took its place, or nobody waits for it any more: neither says anything of the camera. */
const NOT_FAILED: ReadonlySet<ErrorCode> = new Set(['FRAME_REPLACED', 'CANCELLED']);

/**
 * `POST /score`: one encoded picture, as it is or as the file `file` of a form; the answers best first: classes, or of a
 * detector the objects with their boxes.
 * Statuses are those of the video analyzers' HTTP extension: 200 with inferences, 204 without, 400 for a bad picture,
 * 501 for a detector of unknown anchors, 503 with `Retry-After` when busy or swapping.
 */
export function scoreRoute(app: FastifyInstance, context: DoorContext, onFrame: (frame: CameraFrame) => void): void {
  const reader = new DetectionReader();
  app.post('/score', async (request, reply) => {
    const start = performance.now();
    const gone = new AbortController();
    const abort = () => gone.abort();
    reply.raw.once('close', abort);
    const seconds = () => (performance.now() - start) / 1000;
    let camera: string | undefined;
    try {
      const image = await picture(request);
      camera = cameraOf(request);
      // Refused before it costs a frame; a swap may still bring another model, so the reader looks again.
      const loaded = context.model();
      if (loaded && isDetector(loaded)) checkDetects(loaded);
      const deadline = start + context.settings.scoring.timeoutMs;
      const scored = await context.scorer.score({
        input: { kind: 'images', images: [image] },
        deadline,
        signal: gone.signal,
        ...(camera !== undefined && { camera }),
      });
      const { topK: k, minConfidence, detectionThreshold, iouThreshold } = context.settings.cameras;
      const enough = ({ confidence }: { readonly confidence: number }) => confidence >= minConfidence;
      const model = formatModelId(scored.model.id);
      const thresholds = { threshold: detectionThreshold, iouThreshold };
      const objects = isDetector(scored.model) && reader.read(scored, thresholds, () => pictureSize(image));
      const latencyMs = Number((performance.now() - start).toFixed(1));
      const device = context.deviceKind();
      const facts = { model, device, latencyMs };
      const inferences = objects
        ? toEntities(objects.filter(enough), facts)
        : toClassifications(topK(scored, k).filter(enough), facts);
      context.metrics.call({ door: 'http', code: 'OK', seconds: seconds(), reply: scored });
      const { numerics } = scored.model.manifest;
      const frame = { camera: camera ?? request.ip, time: new Date().toISOString(), model, numerics, inferences };
      onFrame({ ...frame, latencyMs, device, picture: pictureType(image) });
      return inferences.length > 0 ? reply.send({ inferences }) : reply.code(204).send();
    } catch (thrown) {
      const { code, message } = asScoringError(thrown);
      const time = new Date().toISOString();
      if (!NOT_FAILED.has(code)) onFrame({ camera: camera ?? request.ip, time, error: { code, text: message } });
      return refuse(thrown, reply, seconds(), context);
    } finally {
      reply.raw.off('close', abort);
    }
  });
}

function refuse(thrown: unknown, reply: FastifyReply, seconds: number, { metrics, log }: DoorContext): FastifyReply {
  const error = asScoringError(thrown);
  if (error.code === 'INTERNAL') log.error('a frame failed', thrown);
  metrics.call({ door: 'http', code: error.code, seconds });
  return sendError(reply, error);
}

/** The body itself, or the file in the field `file` of a form. */
async function picture({ body, headers }: FastifyRequest): Promise<Buffer> {
  const type = headers['content-type'] ?? 'application/octet-stream';
  const form = /^multipart\/form-data\s*;/i.test(type);
  if (!form && !/^(image\/[\w.+-]+|application\/octet-stream)\s*(;|$)/i.test(type)) {
    throw scoringError(
      'REQUEST_MALFORMED',
      `content-type is ${type}; expected image/jpeg, image/png, application/octet-stream, or multipart/form-data with a boundary`,
    );
  }
  const image = form && Buffer.isBuffer(body) ? await multipartFile(body, type, 'file') : body;
  if (!Buffer.isBuffer(image) || image.length === 0) throw scoringError('IMAGE_EMPTY', form ? 'file' : 'request body');
  return image;
}

/** The name that the caller gives. Without one the calls of an address are of several callers, for all that is known. */
function cameraOf({ query, headers }: FastifyRequest): string | undefined {
  const asked = [(query as { camera?: unknown }).camera, headers['x-camera']].filter((name) => name !== undefined);
  for (const name of asked) {
    if (typeof name === 'string' && CAMERA.test(name)) continue;
    throw scoringError(
      'REQUEST_MALFORMED',
      `camera is ${JSON.stringify(name)?.slice(0, 200)}; expected one name of 1 to 128 printable ASCII characters`,
    );
  }
  return asked[0] as string | undefined;
}
