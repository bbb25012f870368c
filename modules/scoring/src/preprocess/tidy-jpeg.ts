const SOS = 0xda;
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
  for (let at = 2; ; ) {
    at = data.indexOf(0xff, at);
    if (at < 0) break;
    while (data[at] === 0xff) at++;
    const marker = data[at++];
    if (marker === undefined || at + 2 > data.length) break;
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (marker === SOS) {
      kept.push(data.subarray(at - 2));
      break;
    }
    const end = at + Math.max(2, data.readUInt16BE(at));
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
