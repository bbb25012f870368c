import type { PictureLimits } from './limits.js';
import { sniff } from './sniff.js';

const ANY: PictureLimits = {
  maxBytes: Number.POSITIVE_INFINITY,
  maxPixels: Number.POSITIVE_INFINITY,
  maxSide: Number.POSITIVE_INFINITY,
  maxDecodeMs: Number.POSITIVE_INFINITY,
};

/** Pixels of a picture that was scored: it has been admitted, so no bounds are asked. */
export function pictureSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const { width, height } = sniff(bytes, 'the picture', ANY);
  return { width, height };
}
