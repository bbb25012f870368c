import { EOI, isFrameHeader, MAX_SEGMENTS, nextMarker, SOI, SOS, segmentEnd } from './jpeg-markers.js';
import { HeaderError, type PictureHeader } from './picture-header.js';

/** Baseline, extended and progressive, with Huffman or arithmetic codes. */
const DECODED: ReadonlySet<number> = new Set([0, 1, 2, 9, 10]);

const SCAN = Buffer.from([0xff, SOS]);
/** Progressive encoders make ten or so. */
const USUAL_SCANS = 16;

const SOF_NAMES: Readonly<Record<number, string>> = {
  3: 'lossless',
  5: 'hierarchical',
  6: 'hierarchical progressive',
  7: 'hierarchical lossless',
  11: 'arithmetic coded lossless',
};

/**
 * Reads the frame header of a JPEG (ITU-T T.81, annex B). Markers are searched exactly as libjpeg searches them, so that
 * the size found here is the size the decoder will write.
 */
export function readJpegHeader(bytes: Uint8Array): PictureHeader {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments++) {
    at = nextMarker(data, at);
    if (at < 0) break;
    const marker = data[at++]!;
    if (marker === SOI) throw new HeaderError('a second start of image before the frame header');
    if (marker === EOI) throw new HeaderError('the end of image comes before the frame header');
    if (marker === SOS) throw new HeaderError('a scan comes before the frame header');
    if (at + 2 > data.length) break;
    const length = data.readUInt16BE(at);
    if (isFrameHeader(marker)) return readFrame(data, at, length, marker - 0xc0);
    at = segmentEnd(data, at);
  }
  throw new HeaderError('no frame header');
}

function readFrame(data: Buffer, at: number, length: number, process: number): PictureHeader {
  if (at + 8 > data.length) throw new HeaderError('the frame header is cut off');
  if (!DECODED.has(process))
    throw new HeaderError(`${SOF_NAMES[process] ?? `process ${process}`} JPEG is not supported`);
  const precision = data[at + 2]!;
  const components = data[at + 7]!;
  if (precision !== 8) throw new HeaderError(`${precision} bits a sample, expected 8`);
  if (components !== 1 && components !== 3 && components !== 4) {
    throw new HeaderError(`${components} components, expected 1, 3 or 4`);
  }
  if (length !== 8 + 3 * components || at + length > data.length) {
    throw new HeaderError(`frame header length ${length} for ${components} components`);
  }
  return {
    format: 'jpeg',
    height: data.readUInt16BE(at + 3),
    width: data.readUInt16BE(at + 5),
    components,
    frames: 1,
    scans: countScans(data, at + length),
    sampling: Array.from({ length: components }, (_, index) => samplingOf(data[at + 9 + index * 3]!)).join(' '),
  };
}

function samplingOf(factors: number): string {
  return `${factors >> 4}x${factors & 15}`;
}

/**
 * At least as many scans as the decoder will meet. What looks like a scan may be data of another kind, most often what
 * follows the picture in the file, such as a film; so only a small number is taken as it is.
 */
function countScans(data: Buffer, from: number): number {
  let scans = 0;
  for (let at = data.indexOf(SCAN, from); at >= 0; at = data.indexOf(SCAN, at + 2)) {
    if (++scans > USUAL_SCANS) return countScansToEnd(data, from);
  }
  return scans;
}

function countScansToEnd(data: Buffer, from: number): number {
  let scans = 0;
  for (let at = nextMarker(data, from); at >= 0; at = nextMarker(data, at)) {
    const marker = data[at++]!;
    if (marker === EOI || at + 2 > data.length) break;
    if (marker === SOS) scans++;
    at = segmentEnd(data, at);
  }
  return scans;
}
