const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;

/**
 * Whether a decoder gets through a JPEG to its end-of-image marker, found as libjpeg finds it: segments by their lengths,
 * the rest by the next marker. TensorFlow refuses a file in which the decoder would run out of bytes, however much of it
 * is there, and one that begins again after the scan that held all of it; other decoders make up what is missing.
 */
export function reachesEnd(data: Buffer): boolean {
  let components = 0;
  let done = false;
  for (let at = 2; ; ) {
    at = data.indexOf(0xff, at);
    if (at < 0) return false;
    while (data[at] === 0xff) at++;
    const marker = data[at++];
    if (marker === undefined) return false;
    if (marker === EOI) return true;
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    const frame = isFrameHeader(marker);
    if (at + 2 > data.length || marker === SOI || (done && (frame || marker === SOS))) return false;
    // Of a progressive picture no scan is the last: its components count as none.
    if (frame) components = isSequential(marker) ? data[at + 7]! : 0;
    if (marker === SOS) done = data[at + 2] === components;
    at += Math.max(2, data.readUInt16BE(at));
  }
}

export function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function isSequential(marker: number): boolean {
  return marker === 0xc0 || marker === 0xc1 || marker === 0xc9;
}
