import type { Sharp, SharpOptions } from 'sharp';
import type { Recipe } from '../model/manifest.js';
import type { PictureHeader } from './picture-header.js';
import type { Pixels } from './pixels.js';

const REDUCTIONS = [8, 4, 2] as const;

/** The short side that a recipe works on: a picture of more pixels may be decoded smaller. */
export function neededSide({ resize }: Recipe): number {
  return resize.mode === 'stretch' ? Math.max(resize.width, resize.height) : resize.shortSide;
}

/** The largest reduction that a JPEG decoder has and that leaves a short side of at least `side` pixels; 1 for none. */
export function reductionFor({ width, height }: PictureHeader, side: number): number {
  return REDUCTIONS.find((by) => Math.min(width, height) / by >= side) ?? 1;
}

/** Decodes a JPEG at a half, quarter or eighth of its size, by computing fewer terms of each block's transform. */
export async function decodeReduced(
  open: (bytes: Uint8Array, options: SharpOptions) => Sharp,
  bytes: Uint8Array,
  header: PictureHeader,
  by: number,
): Promise<Pixels> {
  const size = { width: Math.ceil(header.width / by), height: Math.ceil(header.height / by) };
  const { data, info } = await open(bytes, { failOn: 'warning', ignoreIcc: true, limitInputPixels: false })
    // Exactly the size of the reduced picture: nothing is left to be resampled.
    .resize({ ...size, fit: 'fill', kernel: 'nearest', fastShrinkOnLoad: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels, expected 3`);
  return { ...size, rgb: data };
}
