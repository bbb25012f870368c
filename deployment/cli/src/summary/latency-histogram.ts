const STEP_MS = 0.1;
const BINS = 100_000;

/** Latencies in constant memory: the median to 0.1 ms up to 10 s, the maximum exactly. */
export class LatencyHistogram {
  readonly #bins = new Uint32Array(BINS);
  #count = 0;
  #max = 0;

  add(ms: number): void {
    const bin = Math.min(BINS - 1, Math.max(0, Math.round(ms / STEP_MS)));
    this.#bins[bin]!++;
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  get count(): number {
    return this.#count;
  }

  get max(): number | null {
    return this.#count === 0 ? null : Math.round(this.#max * 10) / 10;
  }

  /** The smallest value that at least half of the latencies do not exceed; `null` when there are none. */
  get median(): number | null {
    const half = Math.ceil(this.#count / 2);
    if (half === 0) return null;
    let seen = 0;
    for (let bin = 0; bin < BINS; bin++) {
      seen += this.#bins[bin]!;
      if (seen >= half) return Math.round(bin * STEP_MS * 10) / 10;
    }
    return this.max;
  }
}
