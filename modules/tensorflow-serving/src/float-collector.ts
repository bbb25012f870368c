/** Gathers `float_val`, packed in any number of pieces or one by one, without a JavaScript number per float on the way. */
export class FloatCollector {
  #values = new Float32Array(0);
  #length = 0;

  /** Little-endian float32 bytes; the length is a multiple of 4. */
  addPacked(bytes: Uint8Array): void {
    const count = bytes.byteLength / 4;
    this.#grow(count);
    new Uint8Array(this.#values.buffer).set(bytes, this.#length * 4);
    this.#length += count;
  }

  add(value: number): void {
    this.#grow(1);
    this.#values[this.#length++] = value;
  }

  finish(): Float32Array {
    return this.#values.length === this.#length ? this.#values : this.#values.slice(0, this.#length);
  }

  #grow(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#values.length) return;
    // The first piece is nearly always the only one, so it gets exactly its size.
    const next = new Float32Array(this.#length === 0 ? needed : Math.max(needed, this.#length * 2));
    next.set(this.#values.subarray(0, this.#length));
    this.#values = next;
  }
}
