/** A refused call of the workload API; the body of the reply is `{ "message": … }`. */
export class WorkloadError extends Error {
  override readonly name = 'WorkloadError';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}
