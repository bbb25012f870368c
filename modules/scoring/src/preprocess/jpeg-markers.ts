export const SOI = 0xd8;
export const EOI = 0xd9;
export const SOS = 0xda;

/** Segments before the first scan. No camera comes near; bounds the work and the memory that a hostile file can ask for. */
export const MAX_SEGMENTS = 4096;

/**
 * Where the code of the next marker is that has a segment, or begins or ends a picture; -1 for none. Found as libjpeg
 * finds it: whatever comes before is passed over, and so are fill bytes, stuffed zeros and restarts.
 */
export function nextMarker(data: Uint8Array, from: number): number {
  // A plain loop: a search for each 0xff costs a call for each of them, and a hostile file is full of them.
  for (let at = from; at + 1 < data.length; at++) {
    if (data[at] === 0xff && hasSegment(data[at + 1]!)) return at + 1;
  }
  return -1;
}

/** The byte after the segment whose length is at `at`. A length that does not even count itself is taken for one that does. */
export function segmentEnd(data: Buffer, at: number): number {
  return at + Math.max(2, data.readUInt16BE(at));
}

export function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function hasSegment(code: number): boolean {
  return code > 0x01 && code < 0xff && (code < 0xd0 || code > 0xd7);
}
