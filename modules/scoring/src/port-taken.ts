import { scoringError } from './errors.js';

/** EADDRINUSE as PORT_TAKEN; any other failure to bind as it is. `error` may be Node.js's own or grpc-js's summary of it. */
export function portTaken(what: string, address: string, error: Error): Error {
  const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' || error.message.includes('EADDRINUSE');
  return taken ? scoringError('PORT_TAKEN', what, address) : error;
}
