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

const NS_PER_PIXEL = { jpeg: 10, png: 40, gif: 40 };
const NS_PER_PIXEL_AND_SCAN = 5;

/**
 * Milliseconds that a picture of this size takes to decode on one core of an ordinary server, rather more than less. A
 * decoder cannot be interrupted, and the scans of a progressive JPEG multiply its work at a few bytes each; so what would
 * take too long is not begun. The estimate is the same on every host, and so is the refusal.
 */
export function decodeMs({ format, width, height, scans }: PictureHeader): number {
  const perPixel = NS_PER_PIXEL[format] + (format === 'jpeg' ? NS_PER_PIXEL_AND_SCAN * scans : 0);
  return Math.ceil((width * height * perPixel) / 1e6);
}
