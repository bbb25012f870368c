import type { PictureHeader } from './picture-header.js';

const CODES = 4096;
// Each code stands for a string: that of its prefix, and one more symbol. Only codes defined since the last clear are read.
const prefix = new Uint16Array(CODES);
const suffix = new Uint8Array(CODES);
const length = new Uint16Array(CODES);
/** The rows of an interlaced picture come in four passes: first row and step of each. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/**
 * The first picture of a GIF89a as RGB, as TensorFlow paints it: on black, at the place its descriptor names, cut where
 * it leaves its own size, transparent pixels black.
 *
 * @throws Error when the data ends early or names a code or colour that does not exist
 */
export function decodeGif(bytes: Uint8Array, { width, height, gif }: PictureHeader): Uint8Array {
  const { left, top, palette, interlaced, transparent, dataAt } = gif!;
  if (!palette) throw new Error('it has no colour table');
  const indices = readIndices(bytes, dataAt, width * height);
  const rgb = new Uint8Array(width * height * 3);
  const rows = interlaced ? interlacedRows(height) : undefined;
  for (let line = 0; line < height; line++) {
    const y = top + (rows ? rows[line]! : line);
    if (y >= height) continue;
    for (let column = 0; left + column < width; column++) {
      const index = indices[line * width + column]!;
      if (index === transparent) continue;
      if (index * 3 >= palette.length) throw new Error(`colour ${index} of ${palette.length / 3}`);
      const to = (y * width + left + column) * 3;
      rgb[to] = palette[index * 3]!;
      rgb[to + 1] = palette[index * 3 + 1]!;
      rgb[to + 2] = palette[index * 3 + 2]!;
    }
  }
  return rgb;
}

function interlacedRows(height: number): number[] {
  const rows: number[] = [];
  for (const [first, step] of PASSES) for (let row = first; row < height; row += step) rows.push(row);
  return rows;
}

/** Undoes GIF's variant of LZW (GIF89a specification, appendix F): colour indices, in the order of the file. */
function readIndices(bytes: Uint8Array, dataAt: number, count: number): Uint8Array {
  const symbolBits = bytes[dataAt];
  if (symbolBits === undefined || symbolBits > 8) throw new Error(`LZW code size is ${symbolBits}`);
  const clear = 1 << symbolBits;
  const codes = new CodeReader(bytes, dataAt + 1);
  for (let symbol = 0; symbol < clear; symbol++) suffix[symbol] = symbol;
  length.fill(1, 0, clear);
  const out = new Uint8Array(count);
  let next = clear + 2;
  let bits = symbolBits + 1;
  let last = -1;
  for (let at = 0; at < count; ) {
    const code = codes.read(bits);
    if (code === clear) {
      next = clear + 2;
      bits = symbolBits + 1;
      last = -1;
      continue;
    }
    if (code === clear + 1) throw new Error('the picture ends early');
    // The one code that may be used before it is complete: the last string and its own first symbol.
    const unknown = code >= next;
    if (unknown && (last < 0 || code > next || next === CODES))
      throw new Error(`LZW code ${code} before it is defined`);
    const known = unknown ? last : code;
    const size = length[known]!;
    let symbol = known;
    for (let back = at + size - 1; back >= at; back--, symbol = prefix[symbol]!) {
      if (back < count) out[back] = suffix[symbol]!;
    }
    const head = out[at]!;
    at += size;
    if (unknown && at < count) out[at++] = head;
    if (last >= 0 && next < CODES) {
      prefix[next] = last;
      suffix[next] = head;
      length[next] = length[last]! + 1;
      next++;
    }
    // Codes grow as soon as the next one to be read may need it.
    if (next >= 1 << bits && bits < 12) bits++;
    last = code;
  }
  return out;
}

/** Takes codes of some bits each, lowest bit first, out of a chain of sub-blocks. */
class CodeReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #left = 0;
  #held = 0;
  #bits = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  read(bits: number): number {
    while (this.#bits < bits) {
      this.#held |= this.#next() << this.#bits;
      this.#bits += 8;
    }
    const code = this.#held & ((1 << bits) - 1);
    this.#held >>>= bits;
    this.#bits -= bits;
    return code;
  }

  #next(): number {
    if (this.#left === 0) this.#left = this.#bytes[this.#at++] ?? 0;
    if (this.#left === 0) throw new Error('the data is cut off');
    this.#left--;
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error('the data is cut off');
    return byte;
  }
}
