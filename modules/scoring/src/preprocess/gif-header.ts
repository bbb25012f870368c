import { type GifLayout, HeaderError, type PictureHeader } from './picture-header.js';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const GRAPHIC_CONTROL = 0xf9;
/** A still picture has one or two; bounds the work that a hostile file can ask for before its size is known. */
const MAX_EXTENSIONS = 4096;

interface Picture extends GifLayout {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads a GIF89a's first picture and tells a static file from an animated one: it stops at the second picture.
 *
 * TensorFlow takes the size of the picture and not of the screen it is put on, and bears with anything after the first
 * picture that is no second one.
 */
export function readGifHeader(bytes: Uint8Array): PictureHeader {
  if (bytes.byteLength < 13) throw new HeaderError('the header is cut off');
  const screen = readTable(bytes, 13, bytes[10]!);
  let at = screen.end;
  let first: Picture | undefined;
  let control = -1;
  for (let extensions = 0; ; ) {
    const block = bytes[at];
    if (block !== EXTENSION && block !== IMAGE) break;
    if (block === EXTENSION && ++extensions > MAX_EXTENSIONS) {
      throw new HeaderError(`more than ${MAX_EXTENSIONS} extensions`);
    }
    const picture = block === IMAGE ? readPicture(bytes, at, screen.palette, control) : undefined;
    const next = skipSubBlocks(bytes, picture ? picture.dataAt + 1 : at + (block === IMAGE ? 10 : 2));
    if (next === undefined) break;
    if (first && picture) return headerOf(first, 2);
    first ??= picture;
    if (!picture && control < 0) control = transparentColour(bytes, at);
    at = next;
  }
  if (!first) throw new HeaderError('it holds no whole picture');
  return headerOf(first, 1);
}

/** The transparent colour that an extension names, 256 when it names none, -1 when it is of another kind. */
function transparentColour(bytes: Uint8Array, at: number): number {
  if (bytes[at + 1] !== GRAPHIC_CONTROL || bytes[at + 2] !== 4) return -1;
  return bytes[at + 3]! & 1 ? bytes[at + 6]! : 256;
}

function headerOf({ width, height, ...gif }: Picture, frames: number): PictureHeader {
  return { format: 'gif', width, height, components: 3, frames, scans: 1, gif };
}

/** The picture whose descriptor begins at a byte; none when the file ends within it. */
function readPicture(
  bytes: Uint8Array,
  at: number,
  screen: Uint8Array | undefined,
  control: number,
): Picture | undefined {
  if (at + 10 > bytes.byteLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 10);
  const packed = view.getUint8(9);
  const table = readTable(bytes, at + 10, packed);
  return {
    left: view.getUint16(1, true),
    top: view.getUint16(3, true),
    width: view.getUint16(5, true),
    height: view.getUint16(7, true),
    interlaced: (packed & 0x40) !== 0,
    palette: table.palette ?? screen,
    transparent: control > 255 ? -1 : control,
    dataAt: table.end,
  };
}

function readTable(bytes: Uint8Array, at: number, packed: number): { palette: Uint8Array | undefined; end: number } {
  if ((packed & 0x80) === 0) return { palette: undefined, end: at };
  const end = at + (3 << ((packed & 0x07) + 1));
  return { palette: bytes.subarray(at, end), end };
}

/** The byte after a chain of sub-blocks; none when the file ends before the chain does. */
function skipSubBlocks(bytes: Uint8Array, from: number): number | undefined {
  let at = from;
  for (;;) {
    const size = bytes[at];
    if (size === undefined) return undefined;
    at += 1 + size;
    if (size === 0) return at;
  }
}
