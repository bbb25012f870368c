/** Most that is kept of one picture, over all classes. */
export const MAX_CANDIDATES = 400;

/** A key holds 30 bits of a confidence and, below them, the candidate's number: together what a double has exactly. */
const NUMBERS = 2 ** 23;
const CONFIDENCE_BITS_OF_1 = 0x3f800000;

/** How many classes, with the background, candidates of so many anchors can be told apart by their numbers. */
export function mostClasses(anchors: number): number {
  return Math.floor(NUMBERS / anchors);
}

/**
 * The best candidates of a picture, of equals those of the lower number: a heap of `MAX_CANDIDATES` keys with the worst
 * on top, so that a picture in which everything is above the threshold costs no more memory than any other.
 */
export class BestCandidates {
  readonly #keys = new Float64Array(MAX_CANDIDATES);
  readonly #float = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#float.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /**
   * @param confidence 0 to 1, kept as float32
   * @param number from 0 to less than 2^23
   */
  add(confidence: number, number: number): void {
    this.#float[0] = confidence;
    // The bits of floats that are not negative are in the order of the floats; the best has the lowest key.
    const key = (CONFIDENCE_BITS_OF_1 - this.#bits[0]!) * NUMBERS + number;
    if (this.#length < MAX_CANDIDATES) this.#rise(key);
    else if (key < this.#keys[0]!) this.#sink(key);
  }

  /** Orders them best first; no more may be added before `clear`. */
  sort(): void {
    this.#keys.subarray(0, this.#length).sort();
  }

  confidence(index: number): number {
    this.#bits[0] = CONFIDENCE_BITS_OF_1 - Math.floor(this.#keys[index]! / NUMBERS);
    return this.#float[0]!;
  }

  number(index: number): number {
    return this.#keys[index]! % NUMBERS;
  }

  #rise(key: number): void {
    const keys = this.#keys;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! >= key) break;
      keys[at] = keys[parent]!;
      at = parent;
    }
    keys[at] = key;
  }

  /** Replaces the worst. */
  #sink(key: number): void {
    const keys = this.#keys;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= MAX_CANDIDATES) break;
      if (child + 1 < MAX_CANDIDATES && keys[child + 1]! > keys[child]!) child++;
      if (keys[child]! <= key) break;
      keys[at] = keys[child]!;
      at = child;
    }
    keys[at] = key;
  }
}
