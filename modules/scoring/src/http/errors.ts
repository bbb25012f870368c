import type { FastifyReply } from 'fastify';
import { RETRY_AFTER_MS } from '../door-context.js';
import { type ScoringError, scoringError } from '../errors.js';

/**
 * The catalogue's HTTP status, but for one: a body over the limit is 413, as HTTP has a status for it; the table's 429
 * (RESOURCE_EXHAUSTED) would tell a camera to send the same picture again.
 */
export function httpStatus(error: ScoringError): number {
  return error.code === 'REQUEST_TOO_LARGE' ? 413 : error.http;
}

export function sendError(reply: FastifyReply, error: ScoringError): FastifyReply {
  const status = httpStatus(error);
  if (status === 503) reply.header('retry-after', retryAfter(error));
  return reply.code(status).send({ error: { code: error.code, message: error.message.trim() } });
}

/** Whole seconds. A camera whose frame was replaced by its own next one has nothing to wait for. */
function retryAfter({ code }: ScoringError): string {
  return code === 'FRAME_REPLACED' ? '0' : String(Math.ceil(RETRY_AFTER_MS / 1000));
}

/** What fastify itself refuses, in the catalogue's words; `undefined` when the fault is not the caller's. */
export function fromFastify(
  error: { readonly code?: string; readonly statusCode?: number; readonly message: string },
  contentLength: string | undefined,
  limit: number,
): ScoringError | undefined {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return scoringError('REQUEST_TOO_LARGE', Number(contentLength) || limit + 1, limit);
  }
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? scoringError('REQUEST_MALFORMED', error.message) : undefined;
}
