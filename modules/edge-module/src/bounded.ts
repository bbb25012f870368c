/**
 * Rejects when `work` takes longer than `ms`, or with the signal's reason when that is aborted; the work itself goes on,
 * and its late failure is nobody's.
 */
export async function withTimeout<T>(work: Promise<T>, ms: number, what: string, signal?: AbortSignal): Promise<T> {
  let release = () => {};
  const bound = new Promise<never>((_, reject) => {
    const aborted = () => reject(signal?.reason);
    const timer = setTimeout(() => reject(new Error(`${what}: no answer within ${ms} ms`)), ms);
    signal?.addEventListener('abort', aborted);
    if (signal?.aborted) aborted();
    release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
  });
  try {
    return await Promise.race([work, bound]);
  } finally {
    release();
  }
}

export interface BackoffOptions {
  /** First delay in milliseconds. */
  readonly first: number;
  /** Upper bound of the delay in milliseconds. */
  readonly limit: number;
  readonly random?: () => number;
}

/** Delays that double up to a limit, each shortened by up to a half at random so that modules do not call in chorus. */
export class Backoff {
  #attempt = 0;

  constructor(private readonly options: BackoffOptions) {}

  next(): number {
    const { first, limit, random = Math.random } = this.options;
    const full = Math.min(limit, first * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return Math.round(full * (1 - random() / 2));
  }

  reset(): void {
    this.#attempt = 0;
  }
}

/** Waits `ms`, or less when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
