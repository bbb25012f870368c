export interface RetryOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** A model that served this long before it was lost is reloaded at once. */
  readonly stableMs: number;
}

export const DEFAULT_RETRY: RetryOptions = { initialMs: 1000, maxMs: 60_000, stableMs: 60_000 };

/** Doubling delays; zero for the first loss of a model that had served well. */
export class BackOff {
  #strikes = 0;

  constructor(private readonly options: RetryOptions) {}

  reset(): void {
    this.#strikes = 0;
  }

  /** Delay before the next attempt after one that failed. */
  afterFailure(): number {
    const { initialMs, maxMs } = this.options;
    return Math.min(maxMs, initialMs * 2 ** Math.min(this.#strikes++, 30));
  }

  /** Delay before a lost model is loaded again. */
  afterLoss(servedMs: number): number {
    if (servedMs >= this.options.stableMs) this.reset();
    if (this.#strikes > 0) return this.afterFailure();
    this.#strikes = 1;
    return 0;
  }
}
