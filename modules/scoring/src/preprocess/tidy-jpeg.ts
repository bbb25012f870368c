import { MAX_SEGMENTS, nextMarker, SOS, segmentEnd } from './jpeg-markers.js';

const APP0 = 0xe0;
const ADOBE = 0xee;
const COMMENT = 0xfe;

/**
 * A JPEG whose segments before the first scan follow one another without a gap, and without those that no decoder needs.
 *
 * libjpeg-turbo's own interface refuses a file when libjpeg has merely warned of its header: bytes between the segments, a
 * JFIF version or an Adobe transform that it does not know. libjpeg itself goes on, and so does TensorFlow. What decides
 * about the colours stays: whether there is a JFIF segment, and the Adobe transform.
 */
export function tidyJpeg(data: Buffer): Buffer {
  const kept: Buffer[] = [data.subarray(0, 2)];
  for (let at = 2, segments = 0; segments < MAX_SEGMENTS; segments++) {
    at = nextMarker(data, at);
    if (at < 0 || at + 3 > data.length) break;
    const marker = data[at++]!;
    if (marker === SOS) {
      kept.push(data.subarray(at - 2));
      break;
    }
    const end = segmentEnd(data, at);
    const segment = tidySegment(marker, data.subarray(at, end));
    if (segment) kept.push(Buffer.from([0xff, marker]), segment);
    at = end;
  }
  return Buffer.concat(kept);
}

/** Length and content of a segment as they are, mended, or none when nothing depends on it. */
function tidySegment(marker: number, segment: Buffer): Buffer | undefined {
  if (marker === APP0 && segment.length >= 16 && segment.toString('latin1', 2, 7) === 'JFIF\0') {
    const jfif = Buffer.from(segment);
    jfif.set([1, 1], 7);
    return jfif;
  }
  if (marker === ADOBE && segment.length >= 14 && segment.toString('latin1', 2, 7) === 'Adobe') {
    const adobe = Buffer.from(segment);
    if (adobe[13]! > 2) adobe[13] = 1;
    return adobe;
  }
  return (marker >= APP0 && marker <= 0xef) || marker === COMMENT ? undefined : segment;
}
