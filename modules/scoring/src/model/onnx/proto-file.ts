import type { FileHandle } from 'node:fs/promises';

/** One field of a protocol buffers message in a file: a number, or the range of bytes that holds its content. */
export interface ProtoField {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 a range, 5 four bytes. */
  readonly wire: number;
  /** The value of a varint; 0 for the others. */
  readonly value: number;
  readonly from: number;
  readonly to: number;
}

/** The bytes are no message: where, and what is wrong with them. */
export class ProtoError extends Error {
  constructor(position: number, detail: string) {
    super(`${detail} at byte ${position}`);
  }
}

const WINDOW = 1 << 16;
const VARINT_BYTES = 10;
/** Fields in a file; ResNet-152 with all its nodes has 20 thousand. */
const FIELD_LIMIT = 4_000_000;
const DEPTH_LIMIT = 64;
const TEXT_LIMIT = 1 << 16;
const NUMBERS_LIMIT = 64;

/**
 * Walks protocol buffers in a file of any size through a window of 64 KiB: what is not visited is skipped without being
 * read. The number of fields, the depth and the length of texts are bounded, so that no file can hold the reader up.
 */
export class ProtoFile {
  readonly #file: FileHandle;
  readonly size: number;
  readonly #window = Buffer.alloc(WINDOW);
  #start = 0;
  #end = 0;
  #fields = 0;
  #depth = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Visits the fields of the message in a range, in order. @throws ProtoError */
  async walk(
    { from, to, wire = 2 }: Pick<ProtoField, 'from' | 'to'> & Partial<ProtoField>,
    visit: (field: ProtoField) => Promise<void> | void,
  ): Promise<void> {
    if (wire !== 2) throw new ProtoError(from, 'a number where a message belongs');
    if (++this.#depth > DEPTH_LIMIT) throw new ProtoError(from, `more than ${DEPTH_LIMIT} messages in each other`);
    for (let at = from; at < to; ) {
      const field = await this.#field(at, to);
      const done = visit(field);
      if (done) await done;
      at = field.to;
    }
    this.#depth--;
  }

  async text({ wire, from, to }: ProtoField): Promise<string> {
    if (wire !== 2) throw new ProtoError(from, 'a number where a text belongs');
    const length = to - from;
    if (length > TEXT_LIMIT) throw new ProtoError(from, `a text of ${length} bytes`);
    await this.#load(from, length);
    return this.#window.toString('utf8', from - this.#start, to - this.#start);
  }

  /** A repeated number, as proto2 (one each) or proto3 (all in one range) writes it. */
  async numbers({ wire, value, from, to }: ProtoField): Promise<number[]> {
    if (wire === 0) return [value];
    if (wire !== 2) throw new ProtoError(from, 'a text where numbers belong');
    const found: number[] = [];
    for (let at = from; at < to; ) {
      if (found.length >= NUMBERS_LIMIT) throw new ProtoError(at, `more than ${NUMBERS_LIMIT} numbers in a row`);
      await this.#load(at, Math.min(VARINT_BYTES, to - at));
      const number = this.#varint(at, to);
      found.push(number.value);
      at = number.to;
    }
    return found;
  }

  async #field(at: number, to: number): Promise<ProtoField> {
    if (++this.#fields > FIELD_LIMIT) throw new ProtoError(at, `more than ${FIELD_LIMIT} fields`);
    // A key and the number after it in one go.
    await this.#load(at, Math.min(2 * VARINT_BYTES, to - at));
    const key = this.#varint(at, to);
    const number = Math.floor(key.value / 8);
    const wire = key.value % 8;
    if (number < 1 || key.value > 0xffff_ffff) throw new ProtoError(at, 'a field without a number');
    const from = key.to;
    if (wire === 0) {
      const { value, to: next } = this.#varint(from, to);
      return { number, wire, value, from, to: next };
    }
    let start = from;
    let length = wire === 1 ? 8 : 4;
    if (wire === 2) {
      const varint = this.#varint(from, to);
      start = varint.to;
      length = varint.value;
    } else if (wire !== 1 && wire !== 5) {
      throw new ProtoError(at, `a field of wire type ${wire}`);
    }
    if (length < 0 || length > to - start) throw new ProtoError(at, 'a field that is longer than what holds it');
    return { number, wire, value: 0, from: start, to: start + length };
  }

  /** Signed 64 bits; exact up to 2^53. The bytes are in the window already. */
  #varint(at: number, to: number): { value: number; to: number } {
    let value = 0n;
    for (let index = 0; index < VARINT_BYTES && at + index < to; index++) {
      const byte = this.#window[at + index - this.#start]!;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return { value: Number(BigInt.asIntN(64, value)), to: at + index + 1 };
    }
    throw new ProtoError(at, 'a number that does not end');
  }

  async #load(from: number, length: number): Promise<void> {
    if (from >= this.#start && from + length <= this.#end) return;
    this.#start = from;
    this.#end = from;
    while (this.#end < from + length) {
      const free = WINDOW - (this.#end - from);
      const { bytesRead } = await this.#file.read(this.#window, this.#end - from, free, this.#end);
      if (bytesRead === 0) throw new ProtoError(this.#end, 'an end of the file before its time');
      this.#end += bytesRead;
    }
  }
}
