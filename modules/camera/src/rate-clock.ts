/** A small seeded random number generator (mulberry32); 0 <= value < 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * When the frames of a camera are due. Jitter moves a frame about its place on an even grid, so that the mean rate stays;
 * places that were missed are left out, not made up for.
 */
export class RateClock {
  #place: number | undefined;

  constructor(
    private readonly random: () => number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Milliseconds until the next frame; `undefined` at rate 0. */
  next({ rate, jitter }: { readonly rate: number; readonly jitter: number }): number | undefined {
    if (rate <= 0) {
      this.#place = undefined;
      return undefined;
    }
    const period = 1000 / rate;
    const now = this.now();
    const place = this.#place === undefined ? now : this.#place + period;
    this.#place = place < now - period ? now : place;
    return Math.max(0, this.#place + period * jitter * (this.random() - 0.5) - now);
  }
}
