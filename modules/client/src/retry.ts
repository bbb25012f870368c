import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  /** Milliseconds between the tries; their number plus one is the number of tries. */
  readonly delaysMs: readonly number[];
  /** Says whether an error may pass. */
  readonly mayPass: (error: unknown) => boolean;
  readonly signal?: AbortSignal;
}

/** Tries until it succeeds, an error that will not pass, or the last delay is used up; then throws the last error. */
export async function retry<T>(attempt: () => Promise<T>, { delaysMs, mayPass, signal }: RetryOptions): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const delay = delaysMs[tried];
      if (delay === undefined || !mayPass(error) || signal?.aborted) throw error;
      await sleep(delay, undefined, signal && { signal });
    }
  }
}
