import { scoringError } from '../errors.js';
import { readGifHeader } from './gif-header.js';
import { readJpegHeader } from './jpeg-header.js';
import { DEFAULT_LIMITS, decodeMs, type PictureLimits } from './limits.js';
import { HeaderError, type PictureHeader } from './picture-header.js';
import { readPngHeader } from './png-header.js';

const OTHERS: readonly (readonly [name: string, offset: number, magic: string])[] = [
  ['a BMP picture', 0, 'BM'],
  ['a TIFF picture', 0, 'II*\0'],
  ['a TIFF picture', 0, 'MM\0*'],
  ['a WebP picture', 8, 'WEBP'],
  ['an AVIF or HEIF picture', 4, 'ftyp'],
  ['an SVG or XML document', 0, '<?xml'],
  ['an SVG or XML document', 0, '<svg'],
  ['a PDF document', 0, '%PDF'],
];

/**
 * Tells what a picture is by its magic number and reads its size from the header, without decoding.
 *
 * @param where names the picture in messages, e.g. `images[0]`
 * @throws ScoringError IMAGE_EMPTY, IMAGE_FORMAT, IMAGE_CORRUPT, IMAGE_TOO_LARGE
 */
export function sniff(bytes: Uint8Array, where: string, limits: PictureLimits = DEFAULT_LIMITS): PictureHeader {
  if (bytes.byteLength === 0) throw scoringError('IMAGE_EMPTY', where);
  if (bytes.byteLength > limits.maxBytes) {
    throw scoringError('IMAGE_TOO_LARGE', where, 'size in bytes', bytes.byteLength, limits.maxBytes);
  }
  const header = read(bytes, where);
  const { width, height } = header;
  if (Math.max(width, height) > limits.maxSide) {
    throw scoringError('IMAGE_TOO_LARGE', where, 'longest side', Math.max(width, height), limits.maxSide);
  }
  if (width * height > limits.maxPixels) {
    const found = `${width * height} (${width}x${height})`;
    throw scoringError('IMAGE_TOO_LARGE', where, 'number of pixels', found, limits.maxPixels);
  }
  const expected = decodeMs(header);
  if (expected > limits.maxDecodeMs) {
    const found = `about ${expected} (${width}x${height} in ${header.scans} scans)`;
    throw scoringError('IMAGE_TOO_LARGE', where, 'decoding time in milliseconds', found, limits.maxDecodeMs);
  }
  return header;
}

function read(bytes: Uint8Array, where: string): PictureHeader {
  const format = startsWith(bytes, 0, '\xff\xd8\xff')
    ? 'JPEG'
    : startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')
      ? 'PNG'
      : startsWith(bytes, 0, 'GIF8')
        ? 'GIF'
        : undefined;
  if (!format) throw scoringError('IMAGE_FORMAT', where, nameOther(bytes));
  try {
    const header =
      format === 'JPEG' ? readJpegHeader(bytes) : format === 'PNG' ? readPngHeader(bytes) : readGifHeader(bytes);
    if (header.width === 0 || header.height === 0) throw new HeaderError(`size is ${header.width}x${header.height}`);
    if (header.frames > 1) throw scoringError('IMAGE_FORMAT', where, `an animated GIF`);
    return header;
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error;
    throw scoringError('IMAGE_CORRUPT', where, bytes.byteLength, error.message, format);
  }
}

function nameOther(bytes: Uint8Array): string {
  const other = OTHERS.find(([, offset, magic]) => startsWith(bytes, offset, magic));
  if (other) return other[0];
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex').replace(/..\B/g, '$& ');
  return `data starting with ${start}`;
}

function startsWith(bytes: Uint8Array, offset: number, magic: string): boolean {
  if (bytes.byteLength < offset + magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (bytes[offset + i] !== magic.charCodeAt(i)) return false;
  return true;
}
