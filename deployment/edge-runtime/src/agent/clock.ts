/** Time as the agent sees it, so that tests walk through back-offs without waiting. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Returns the way to cancel. */
  schedule(callback: () => void, delayMs: number): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
