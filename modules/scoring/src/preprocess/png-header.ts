import { crc32 } from 'node:zlib';
import { HeaderError, type PictureHeader } from './picture-header.js';

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const IHDR = 0x49484452;
const IEND = 0x49454e44;
/** A lower-case first letter says that a decoder may do without the chunk. */
const ANCILLARY = 0x20000000;

/**
 * Reads the IHDR chunk of a PNG, which must be the first, and follows the chunks to IEND: decoders differ in whether they
 * miss what is missing after the pixels, and TensorFlow does.
 */
export function readPngHeader(bytes: Uint8Array): PictureHeader {
  if (bytes.byteLength < 33) throw new HeaderError('the header is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== IHDR) throw new HeaderError('the first chunk is not IHDR');
  const colourType = view.getUint8(25);
  const components = CHANNELS[colourType];
  if (components === undefined) throw new HeaderError(`colour type ${colourType}, expected 0, 2, 3, 4 or 6`);
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20), components, frames: 1, scans: 1 };
}

/** @throws HeaderError when a chunk is cut off or a needed one spoilt, or when there is no last one */
export function checkPngChunks(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 12 <= bytes.byteLength; ) {
    const type = view.getUint32(at + 4);
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.byteLength) break;
    if ((type & ANCILLARY) === 0 && view.getUint32(end) !== crc32(bytes.subarray(at + 4, end))) {
      throw new HeaderError(`the checksum of the chunk at byte ${at} is wrong`);
    }
    if (type === IEND) return;
    at = end + 4;
  }
  throw new HeaderError('the data is cut off: no IEND chunk');
}
