import { crc32, deflateSync } from 'node:zlib';

export type PngDepth = 1 | 2 | 4 | 8 | 16;
export type PngColourType = 0 | 2 | 3 | 4 | 6;
export type PngChunk = readonly [type: string, content: Uint8Array];

export interface PngOptions {
  readonly width: number;
  readonly height: number;
  readonly depth: PngDepth;
  readonly colourType: PngColourType;
  readonly interlaced?: boolean;
  /** Value of a channel of a pixel, below 2 to the power of `depth`. */
  sample(x: number, y: number, channel: number): number;
  /** Chunks between IHDR and the pixels: PLTE, tRNS, gAMA, … */
  readonly chunks?: readonly PngChunk[];
  /** Bytes in an IDAT chunk. */
  readonly idatBytes?: number;
}

const CHANNELS: Readonly<Record<PngColourType, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const MAGIC = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Adam7: first column and row, steps between them. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** Writes a PNG of any depth and colour type, its rows filtered in every way in turn. */
export function writePng(options: PngOptions): Buffer {
  const { width, height, depth, colourType, interlaced = false, chunks = [], idatBytes = 8192 } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colourType, 0, 0, interlaced ? 1 : 0], 8);
  const packed = deflateSync(interlaced ? interlacedRows(options) : rows(options, 0, 0, 1, 1));
  const data: PngChunk[] = [];
  for (let at = 0; at < packed.length; at += idatBytes) data.push(['IDAT', packed.subarray(at, at + idatBytes)]);
  return joinPng([['IHDR', header], ...chunks, ...data, ['IEND', Buffer.alloc(0)]]);
}

export function joinPng(chunks: readonly PngChunk[]): Buffer {
  return Buffer.concat([MAGIC, ...chunks.map(writeChunk)]);
}

function writeChunk([type, content]: PngChunk): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(content, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}

function interlacedRows(options: PngOptions): Buffer {
  return Buffer.concat(PASSES.map(([x, y, right, down]) => rows(options, x, y, right, down)));
}

function rows(
  { width, height, depth, colourType, sample }: PngOptions,
  x: number,
  y: number,
  right: number,
  down: number,
) {
  const channels = CHANNELS[colourType];
  const columns = Math.ceil((width - x) / right);
  if (columns <= 0) return Buffer.alloc(0);
  const pixelBytes = Math.max(1, (channels * depth) >> 3);
  const written: Buffer[] = [];
  let above = Buffer.alloc(Math.ceil((columns * channels * depth) / 8));
  for (let row = y, filter = 0; row < height; row += down, filter = (filter + 1) % 5) {
    const line = Buffer.alloc(above.length);
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        putSample(line, column * channels + channel, depth, sample(x + column * right, row, channel));
      }
    }
    written.push(Buffer.from([filter]), filterRow(line, above, pixelBytes, filter));
    above = line;
  }
  return Buffer.concat(written);
}

function putSample(line: Buffer, index: number, depth: PngDepth, value: number): void {
  if (depth === 16) line.writeUInt16BE(value, index * 2);
  else if (depth === 8) line[index] = value;
  else line[(index * depth) >> 3]! |= value << (8 - depth - ((index * depth) & 7));
}

function filterRow(line: Buffer, above: Buffer, pixelBytes: number, filter: number): Buffer {
  return Buffer.from(
    line.map((value, at) => {
      const left = at < pixelBytes ? 0 : line[at - pixelBytes]!;
      const corner = at < pixelBytes ? 0 : above[at - pixelBytes]!;
      const up = above[at]!;
      return value - [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
    }),
  );
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
