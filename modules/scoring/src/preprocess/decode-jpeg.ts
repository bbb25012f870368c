import jpegTurbo from '@julusian/jpeg-turbo';

const options = { format: jpegTurbo.FORMAT_RGB };

/** `spoilt`: all pixels are there, but the decoder had to guess some of them. */
export type JpegOutcome = 'whole' | 'spoilt' | 'failed';

/**
 * Decodes with libjpeg-turbo's fast DCT.
 *
 * The binding throws for a warning (spoilt pixels) as for an error (no pixels), without saying which; TensorFlow goes on
 * after warnings. So after a failure a byte at each end of the picture is changed and the file decoded again: a decoder that
 * got through puts both back.
 *
 * @param target at least `size` bytes, width × height × 3
 */
export function decodeJpeg(source: Buffer, target: Buffer, size: number): JpegOutcome {
  if (tryDecode(source, target, size)) return 'whole';
  const [first, last] = [target[0]!, target[size - 1]!];
  target[0] = first ^ 0xff;
  target[size - 1] = last ^ 0xff;
  tryDecode(source, target, size);
  return target[0] === first && target[size - 1] === last ? 'spoilt' : 'failed';
}

function tryDecode(source: Buffer, target: Buffer, size: number): boolean {
  try {
    return jpegTurbo.decompressSync(source, target, options).size === size;
  } catch {
    return false;
  }
}
