import { HeaderError, type PictureHeader } from './picture-header.js';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** Reads a GIF's screen size and tells a static one from an animated one: it stops at the second picture. */
export function readGifHeader(bytes: Uint8Array): PictureHeader {
  if (bytes.byteLength < 13) throw new HeaderError('the header is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let width = view.getUint16(6, true);
  let height = view.getUint16(8, true);
  let frames = 0;
  let at = 13 + colourTable(view.getUint8(10));
  while (at < bytes.byteLength && frames < 2) {
    const block = bytes[at]!;
    if (block === TRAILER) break;
    if (block === EXTENSION) {
      at = skipSubBlocks(bytes, at + 2);
    } else if (block === IMAGE) {
      if (at + 10 > bytes.byteLength) throw new HeaderError('an image descriptor is cut off');
      frames++;
      // A picture may reach beyond the screen it declares; decoders then enlarge the screen.
      width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
      height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
      at = skipSubBlocks(bytes, at + 11 + colourTable(view.getUint8(at + 9)));
    } else {
      throw new HeaderError(`block type ${block} at byte ${at}`);
    }
  }
  if (frames === 0) throw new HeaderError('it holds no picture');
  return { format: 'gif', width, height, components: 3, frames };
}

function colourTable(packed: number): number {
  return packed & 0x80 ? 3 << ((packed & 0x07) + 1) : 0;
}

function skipSubBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const size = bytes[at];
    if (size === undefined) throw new HeaderError('the data is cut off');
    at += 1 + size;
    if (size === 0) return at;
  }
}
