import type { Sharp, SharpOptions } from 'sharp';
import { scoringError } from '../errors.js';
import { decodeGif } from './decode-gif.js';
import { decodeJpeg } from './decode-jpeg.js';
import { decodeReduced, reductionFor } from './decode-reduced.js';
import { reachesEnd } from './jpeg-end.js';
import { DEFAULT_LIMITS, type PictureLimits } from './limits.js';
import type { PictureHeader } from './picture-header.js';
import type { Pixels } from './pixels.js';
import { checkPngChunks } from './png-header.js';
import { sniff } from './sniff.js';
import { tidyJpeg } from './tidy-jpeg.js';

export type { Pixels };

export interface DecoderOptions {
  readonly limits?: PictureLimits;
  /** Keeps libvips, which is one for the whole process, from starting threads and caching: for lanes. */
  readonly singleThreaded?: boolean;
  /**
   * Lets JPEGs be decoded at an eighth where this short side remains: faster, and no longer TensorFlow's pixels. Without
   * it every pixel is decoded.
   */
  readonly reduceTo?: number | undefined;
}

type Open = (bytes: Uint8Array, options: SharpOptions) => Sharp;

/** What libjpeg-turbo's own interface has a name for; it decodes some of the others. */
const USUAL_SAMPLINGS: ReadonlySet<string> = new Set([
  ...['1x1', '2x1', '1x2', '2x2', '4x1'].map((luma) => `${luma} 1x1 1x1`),
  ...['1x1', '2x2'],
]);

/** Pictures beyond this are decoded into a buffer of their own, so that one giant does not stay in memory for good. */
const KEEP_BYTES = 48 << 20;

/**
 * Decodes as TensorFlow's `decode_png` with three channels does, which takes JPEG, PNG and static GIF.
 *
 * JPEGs go through libjpeg-turbo with its fast DCT, which is TensorFlow's default, and equal its result. What the binding
 * does not take goes through sharp, whose slow DCT equals TensorFlow's INTEGER_ACCURATE: CMYK and unusual samplings. PNGs
 * go through sharp too, which never resizes, rotates or manages colour here.
 */
export class Decoder {
  readonly #limits: PictureLimits;
  readonly #singleThreaded: boolean;
  readonly #reduceTo: number | undefined;
  #buffer = Buffer.alloc(0);

  constructor(options: DecoderOptions = {}) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#singleThreaded = options.singleThreaded ?? false;
    this.#reduceTo = options.reduceTo;
  }

  /**
   * @param where names the picture in messages, e.g. `images[0]`
   * @throws ScoringError IMAGE_EMPTY, IMAGE_FORMAT, IMAGE_CORRUPT, IMAGE_TOO_LARGE
   */
  async decode(bytes: Uint8Array, where: string): Promise<Pixels> {
    const header = sniff(bytes, where, this.#limits);
    try {
      const reduced = await this.#reduced(bytes, header);
      if (reduced) return reduced;
      const { width, height } = header;
      return { width, height, rgb: await this.#pixels(bytes, header) };
    } catch (error) {
      const detail = (error as Error).message.split('\n')[0]!;
      throw scoringError('IMAGE_CORRUPT', where, bytes.byteLength, detail, header.format.toUpperCase());
    }
  }

  /** None when the picture is no large colour JPEG without a fault: the exact way decides about the others. */
  async #reduced(bytes: Uint8Array, header: PictureHeader): Promise<Pixels | undefined> {
    if (this.#reduceTo === undefined || header.format !== 'jpeg' || header.components !== 3) return undefined;
    const by = reductionFor(header, this.#reduceTo);
    return by === 1 ? undefined : decodeReduced(await this.#sharp(), bytes, header, by).catch(() => undefined);
  }

  async #pixels(bytes: Uint8Array, header: PictureHeader): Promise<Uint8Array> {
    if (header.format === 'gif') return decodeGif(bytes, header);
    if (header.format === 'jpeg') return this.#jpeg(bytes, header);
    checkPngChunks(bytes);
    return this.#viaSharp(bytes, header, 'warning');
  }

  async #jpeg(bytes: Uint8Array, header: PictureHeader): Promise<Uint8Array> {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = header.width * header.height * 3;
    if (header.components !== 4) {
      const target = this.#room(size);
      if (this.#turbo(source, target, size)) return target;
      if (USUAL_SAMPLINGS.has(header.sampling!)) throw new Error('it is spoilt or cut off');
    }
    if (!reachesEnd(source)) throw new Error('it is cut off: no end of image');
    return this.#viaSharp(bytes, header, 'error');
  }

  /** Pixels that the decoder had to guess count, unless it ran out of bytes: as TensorFlow has it. */
  #turbo(source: Buffer, target: Buffer, size: number): boolean {
    const outcome = decodeJpeg(source, target, size);
    if (outcome === 'whole') return true;
    if (!reachesEnd(source)) return false;
    return outcome === 'spoilt' || decodeJpeg(tidyJpeg(source), target, size) !== 'failed';
  }

  #room(size: number): Buffer {
    if (size > KEEP_BYTES) return Buffer.allocUnsafeSlow(size);
    if (this.#buffer.byteLength < size) this.#buffer = Buffer.allocUnsafeSlow(size);
    return this.#buffer;
  }

  async #viaSharp(bytes: Uint8Array, header: PictureHeader, failOn: 'warning' | 'error'): Promise<Uint8Array> {
    const open = await this.#sharp();
    const input: SharpOptions = { limitInputPixels: this.#limits.maxPixels, failOn, ignoreIcc: true };
    const cmyk = header.format === 'jpeg' && header.components === 4;
    const picture = cmyk
      ? open(bytes, input).pipelineColourspace('cmyk').toColourspace('cmyk')
      : open(bytes, input).removeAlpha().toColourspace('srgb');
    const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (width !== header.width || height !== header.height) {
      throw new Error(`decoded ${width}x${height}, the header says ${header.width}x${header.height}`);
    }
    const expected = cmyk ? 4 : 3;
    if (channels !== expected && channels !== 1) throw new Error(`${channels} channels, expected ${expected}`);
    return channels === 3 ? data : channels === 4 ? cmykToRgb(data) : greyToRgb(data);
  }

  /** Loaded when first needed: ordinary JPEGs never do, and libvips costs memory in every lane. */
  async #sharp(): Promise<Open> {
    const { default: sharp } = await import('sharp');
    if (this.#singleThreaded) {
      sharp.concurrency(1);
      sharp.cache(false);
    }
    return sharp;
  }
}

/** TensorFlow's own rule, `C × K / 255` on the stored (inverted) values; sharp's raw values are not inverted. */
function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const k = 255 - cmyk[from + 3]!;
    rgb[to++] = ((255 - cmyk[from]!) * k) / 255;
    rgb[to++] = ((255 - cmyk[from + 1]!) * k) / 255;
    rgb[to++] = ((255 - cmyk[from + 2]!) * k) / 255;
  }
  return rgb;
}

function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let from = 0, to = 0; from < grey.length; from++) {
    rgb[to++] = grey[from]!;
    rgb[to++] = grey[from]!;
    rgb[to++] = grey[from]!;
  }
  return rgb;
}
