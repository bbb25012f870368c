import { EOI, isFrameHeader, nextMarker, SOI, SOS, segmentEnd } from './jpeg-markers.js';

/**
 * Whether a decoder gets through a JPEG to its end-of-image marker, found as libjpeg finds it: segments by their lengths,
 * the rest by the next marker. TensorFlow refuses a file in which the decoder would run out of bytes, however much of it
 * is there, and one that begins again after the scan that held all of it; other decoders make up what is missing.
 */
export function reachesEnd(data: Buffer): boolean {
  let components = 0;
  let done = false;
  for (let at = 2; ; ) {
    at = nextMarker(data, at);
    if (at < 0) return false;
    const marker = data[at++]!;
    if (marker === EOI) return true;
    const frame = isFrameHeader(marker);
    if (at + 2 > data.length || marker === SOI || (done && (frame || marker === SOS))) return false;
    // Of a progressive picture no scan is the last: its components count as none.
    if (frame) components = isSequential(marker) ? data[at + 7]! : 0;
    if (marker === SOS) done = data[at + 2] === components;
    at = segmentEnd(data, at);
  }
}

function isSequential(marker: number): boolean {
  return marker === 0xc0 || marker === 0xc1 || marker === 0xc9;
}
