import type { PictureHeader } from './picture-header.js';

/** `exact` equals TensorFlow's own decoder; `fast` may decode large JPEGs at a fraction of their size. */
export type DecodeMode = 'exact' | 'fast';

/** What is refused from a picture's header alone, before anything is decoded. */
export interface PictureLimits {
  /** Encoded size in bytes. */
  readonly maxBytes: number;
  /** Width × height. */
  readonly maxPixels: number;
  /** Longest side in pixels. */
  readonly maxSide: number;
  /** Milliseconds that decoding may take, as `decodeMs` estimates it. */
  readonly maxDecodeMs: number;
}

export const DEFAULT_LIMITS: PictureLimits = {
  maxBytes: 32 << 20,
  maxPixels: 50_000_000,
  maxSide: 65_535,
  maxDecodeMs: 5_000,
};

/** For pictures that have been admitted elsewhere. */
export const NO_LIMITS: PictureLimits = {
  maxBytes: Number.MAX_SAFE_INTEGER,
  maxPixels: Number.MAX_SAFE_INTEGER,
  maxSide: Number.MAX_SAFE_INTEGER,
  maxDecodeMs: Number.MAX_SAFE_INTEGER,
};

const NS_PER_PIXEL = { jpeg: 10, png: 80, gif: 40 };
/** Decoded by libvips, its colours made of four. */
const NS_PER_CMYK_PIXEL = 40;
const NS_PER_PIXEL_AND_SCAN = 5;
/** However small the picture: what a decoder sets up for each. */
const NS_PER_SCAN = 5000;

/**
 * Milliseconds that a picture of this size takes to decode on one core of an ordinary server, rather more than less. A
 * decoder cannot be interrupted, and the scans of a progressive JPEG multiply its work at a few bytes each; so what would
 * take too long is not begun. The estimate is the same on every host, and so is the refusal.
 */
export function decodeMs({ format, width, height, scans, components }: PictureHeader): number {
  const pixels = width * height;
  const cmyk = format === 'jpeg' && components === 4;
  const ns = pixels * (cmyk ? NS_PER_CMYK_PIXEL : NS_PER_PIXEL[format]);
  const nsOfScans = format === 'jpeg' ? scans * (pixels * NS_PER_PIXEL_AND_SCAN + NS_PER_SCAN) : 0;
  return Math.ceil((ns + nsOfScans) / 1e6);
}
