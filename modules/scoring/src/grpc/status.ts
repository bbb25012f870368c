import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { RETRY_AFTER_MS } from '../door-context.js';
import type { ScoringError } from '../errors.js';

/** TensorFlow Serving's bound on error texts (`model_servers/grpc_status_util.cc`). */
const MAX_TEXT = 1024;

/** UNAVAILABLE tells a retrying client when to come back. */
export function grpcStatus(error: ScoringError): StatusObject {
  const metadata = new Metadata();
  if (error.status === 'UNAVAILABLE') metadata.set('grpc-retry-pushback-ms', String(RETRY_AFTER_MS));
  return { code: error.grpc, details: truncate(error.message), metadata };
}

/** Trimmed, because a grpc-js client reads a text that ends in a space as empty. */
function truncate(text: string): string {
  const trimmed = text.trim();
  return trimmed.length <= MAX_TEXT ? trimmed : `${trimmed.slice(0, MAX_TEXT)}...TRUNCATED`;
}
