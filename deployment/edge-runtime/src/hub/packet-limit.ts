/**
 * Follows the MQTT fixed headers of a byte stream and tells when a packet announces more than the limit, before any
 * of it is kept: a parser alone would collect the whole packet first.
 */
export class PacketLimit {
  #skip = 0;
  #inLength = false;
  #length = 0;
  #shift = 0;

  constructor(
    /** Largest "remaining length", in bytes. */
    private readonly limit: number,
  ) {}

  /** The announced length when a packet in this chunk is over the limit (or malformed: Infinity), else nothing. */
  refuse(chunk: Buffer): number | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
        continue;
      }
      const byte = chunk[at] as number;
      at += 1;
      if (!this.#inLength) {
        this.#inLength = true;
        this.#length = 0;
        this.#shift = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 2 ** this.#shift;
      this.#shift += 7;
      if ((byte & 0x80) !== 0) {
        if (this.#shift >= 28) return Number.POSITIVE_INFINITY;
        continue;
      }
      if (this.#length > this.limit) return this.#length;
      this.#inLength = false;
      this.#skip = this.#length;
    }
    return undefined;
  }
}
