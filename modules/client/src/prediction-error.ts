import { type ServiceError, status } from '@grpc/grpc-js';

/** The server's refusal: gRPC's status name, and the server's own text. */
export class PredictionError extends Error {
  override readonly name = 'PredictionError';
  /** e.g. `UNAVAILABLE` */
  readonly code: keyof typeof status;

  constructor(error: ServiceError, address: string) {
    const code = (status[error.code] ?? 'UNKNOWN') as keyof typeof status;
    super(`${address}: ${code}: ${error.details || error.message}`, { cause: error });
    this.code = code;
  }
}
