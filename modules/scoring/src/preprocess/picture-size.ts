import { NO_LIMITS } from './limits.js';
import { sniff } from './sniff.js';

/** Pixels of a picture that was scored: it has been admitted, so no bounds are asked. */
export function pictureSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const { width, height } = sniff(bytes, 'the picture', NO_LIMITS);
  return { width, height };
}
