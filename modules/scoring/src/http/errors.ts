import type { IncomingMessage } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type DoorContext, RETRY_AFTER_MS } from '../door-context.js';
import { asScoringError, type ScoringError, scoringError } from '../errors.js';

/**
 * The catalogue's HTTP status, but for one: a body over the limit is 413, as HTTP has a status for it; the table's 429
 * (RESOURCE_EXHAUSTED) would tell a camera to send the same picture again.
 */
export function httpStatus(error: ScoringError): number {
  return error.code === 'REQUEST_TOO_LARGE' ? 413 : error.http;
}

/** What an error's body looks like at a door's routes. */
export type ErrorBody = (error: ScoringError) => object;

/** The module's own. */
export const ownErrorBody: ErrorBody = ({ code, message }) => ({ error: { code, message: message.trim() } });

export function sendError(reply: FastifyReply, error: ScoringError, body: ErrorBody = ownErrorBody): FastifyReply {
  const status = httpStatus(error);
  if (status === 503) reply.header('retry-after', retryAfter(error));
  return reply.code(status).send(body(error));
}

/** Answers what a route throws, and what fastify refuses before one is asked. Faults of our own are logged. */
export function errorHandler({ log, maxMessageBytes }: DoorContext, body?: ErrorBody) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const known = fromFastify(error, request.headers['content-length'], maxMessageBytes);
    if (!known) log.error(`${request.method} ${request.url} failed`, error);
    if (known?.code === 'REQUEST_TOO_LARGE') readOn(request.raw, reply);
    return sendError(reply, known ?? asScoringError(error), body);
  };
}

/** Whole seconds. A camera whose frame was replaced by its own next one has nothing to wait for. */
function retryAfter({ code }: ScoringError): string {
  return code === 'FRAME_REPLACED' ? '0' : String(Math.ceil(RETRY_AFTER_MS / 1000));
}

/** What fastify itself refuses, in the catalogue's words; `undefined` when the fault is not the caller's. */
function fromFastify(
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

/**
 * Reads and forgets what is still to come, within the request's time. A connection that is closed on a caller who still
 * sends takes the answer with it: he sees a reset, not the limit.
 */
function readOn(request: IncomingMessage, reply: FastifyReply): void {
  reply.removeHeader('connection');
  request.resume();
}
