export interface GifFrame {
  readonly left?: number;
  readonly top?: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced?: boolean;
  /** A palette of its own: red, green, blue of each colour. */
  readonly palette?: readonly (readonly number[])[];
  /** Index of the colour that is not drawn. */
  readonly transparent?: number;
  /** Index of a pixel's colour. */
  colour(x: number, y: number): number;
}

export interface GifOptions {
  readonly width: number;
  readonly height: number;
  readonly palette?: readonly (readonly number[])[];
  readonly frames: readonly GifFrame[];
  readonly background?: number;
}

/** Writes a GIF89a. The codes are never compressed beyond one symbol each: decoders read them all the same. */
export function writeGif({ width, height, palette, frames, background = 0 }: GifOptions): Buffer {
  const screen = Buffer.alloc(7);
  screen.writeUInt16LE(width, 0);
  screen.writeUInt16LE(height, 2);
  screen.set([palette ? 0x80 | tableBits(palette) : 0, background, 0], 4);
  return Buffer.concat([
    Buffer.from('GIF89a'),
    screen,
    ...(palette ? [colourTable(palette)] : []),
    ...frames.flatMap(writeFrame),
    Buffer.from([0x3b]),
  ]);
}

function writeFrame(frame: GifFrame): Buffer[] {
  const { left = 0, top = 0, width, height, interlaced, palette, transparent } = frame;
  const parts: Buffer[] = [];
  if (transparent !== undefined) parts.push(Buffer.from([0x21, 0xf9, 4, 1, 0, 0, transparent, 0]));
  const descriptor = Buffer.alloc(10);
  descriptor[0] = 0x2c;
  for (const [index, value] of [left, top, width, height].entries()) descriptor.writeUInt16LE(value, 1 + index * 2);
  descriptor[9] = (interlaced ? 0x40 : 0) | (palette ? 0x80 | tableBits(palette) : 0);
  parts.push(descriptor);
  if (palette) parts.push(colourTable(palette));
  const lines = Array.from({ length: height }, (_, y) => y);
  const order = interlaced
    ? [
        [0, 8],
        [4, 8],
        [2, 4],
        [1, 2],
      ].flatMap(([from, step]) => lines.filter((y) => y % step! === from))
    : lines;
  const colours = order.flatMap((y) => Array.from({ length: width }, (_, x) => frame.colour(x, y)));
  parts.push(Buffer.from([8]), subBlocks(uncompressedLzw(colours)));
  return parts;
}

/** Nine-bit codes with a clear code often enough that they never grow. */
function uncompressedLzw(colours: readonly number[]): Buffer {
  const codes: number[] = [];
  for (const [index, colour] of colours.entries()) {
    if (index % 250 === 0) codes.push(256);
    codes.push(colour);
  }
  codes.push(257);
  const bytes = Buffer.alloc(Math.ceil((codes.length * 9) / 8));
  for (const [index, code] of codes.entries()) {
    const bit = index * 9;
    const shifted = code << (bit & 7);
    bytes[bit >> 3]! |= shifted & 255;
    bytes[(bit >> 3) + 1]! |= shifted >> 8;
  }
  return bytes;
}

function subBlocks(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return Buffer.concat([...blocks, Buffer.from([0])]);
}

function tableBits(palette: readonly (readonly number[])[]): number {
  return Math.max(0, Math.ceil(Math.log2(palette.length)) - 1);
}

function colourTable(palette: readonly (readonly number[])[]): Buffer {
  const table = Buffer.alloc(3 << (tableBits(palette) + 1));
  table.set(palette.flat());
  return table;
}
