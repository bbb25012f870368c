import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition gives a value; fails after a bound far above what it takes. */
export async function until<T>(what: string, condition: () => T | undefined | false, timeoutMs = 10_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(5);
  }
}
