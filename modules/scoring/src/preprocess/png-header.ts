import { HeaderError, type PictureHeader } from './picture-header.js';

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Reads the IHDR chunk of a PNG, which must be the first. */
export function readPngHeader(bytes: Uint8Array): PictureHeader {
  if (bytes.byteLength < 33) throw new HeaderError('the header is cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ihdr = 0x49484452;
  if (view.getUint32(8) !== 13 || view.getUint32(12) !== ihdr) throw new HeaderError('the first chunk is not IHDR');
  const colourType = view.getUint8(25);
  const components = CHANNELS[colourType];
  if (components === undefined) throw new HeaderError(`colour type ${colourType}, expected 0, 2, 3, 4 or 6`);
  return { format: 'png', width: view.getUint32(16), height: view.getUint32(20), components, frames: 1 };
}
