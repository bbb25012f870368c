import type { ScoringError } from '../errors.js';

interface Waiting {
  readonly pass: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** Loads that wait for the lease. */
export class Passes {
  readonly #waiting = new Set<Waiting>();

  /** Resolves with the next grant; `late` may refuse it when none came in time. Rejects when refused or aborted. */
  add(signal: AbortSignal, deadlineMs: number, late: (refuse: (error: ScoringError) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => late(waiting.refuse), deadlineMs);
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        pass: () => {
          end();
          resolve();
        },
        refuse: (reason) => {
          end();
          reject(reason);
        },
      };
      const aborted = () => waiting.refuse(signal.reason);
      signal.addEventListener('abort', aborted, { once: true });
      this.#waiting.add(waiting);
    });
  }

  grant(): void {
    for (const { pass } of [...this.#waiting]) pass();
  }

  refuse(error: ScoringError): void {
    for (const { refuse } of [...this.#waiting]) refuse(error);
  }
}
