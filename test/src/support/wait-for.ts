import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Polls until `probe` answers something other than `undefined`, and fails with what was waited for when it never does.
 * The bound only keeps a broken run from hanging; nothing is asserted about how long it takes.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
  boundMs = 60_000,
): Promise<T> {
  const end = Date.now() + boundMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() > end) throw new Error(`waited ${boundMs} ms in vain for ${what}`, { cause: lastError });
    await sleep(100);
  }
}
