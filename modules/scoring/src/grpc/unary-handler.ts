import { isMalformed, type MalformedRequest } from '@edgeslot/tensorflow-serving';
import type { handleUnaryCall } from '@grpc/grpc-js';
import type { DoorContext } from '../door-context.js';
import { asScoringError, scoringError } from '../errors.js';
import { grpcStatus } from './status.js';

/** What a method may know of the call besides its request. */
export interface CallFacts {
  /** gRPC's own, in milliseconds of wall-clock time; infinite when the caller set none. */
  readonly deadline: number;
  /** Aborted when the caller goes away or its deadline passes. */
  readonly signal: AbortSignal;
}

/** A method of the door for grpc-js: answers, or refuses with the catalogue's status. Faults of our own are logged. */
export function unaryHandler<Request extends object, Response>(
  name: string,
  { log }: DoorContext,
  answer: (request: Request | MalformedRequest, call: CallFacts) => Response | Promise<Response>,
): handleUnaryCall<Request | MalformedRequest, Response> {
  return async (call, callback) => {
    const gone = new AbortController();
    call.on('cancelled', () => gone.abort());
    let response: Response;
    try {
      response = await answer(call.request, { deadline: Number(call.getDeadline()), signal: gone.signal });
    } catch (thrown) {
      const error = asScoringError(thrown);
      if (error.code === 'INTERNAL') log.error(`a ${name} call failed`, thrown);
      callback(grpcStatus(error));
      return;
    }
    callback(null, response);
  };
}

/** @throws ScoringError REQUEST_MALFORMED */
export function wellFormed<Request extends object>(request: Request | MalformedRequest): Request {
  if (isMalformed(request)) throw scoringError('REQUEST_MALFORMED', request.malformed);
  return request;
}
