import type { Sharp, SharpOptions } from 'sharp';
import type { Recipe } from '../model/manifest.js';
import type { PictureHeader } from './picture-header.js';
import type { Pixels } from './pixels.js';

/** The largest that a JPEG decoder has. By a half or a quarter, libvips takes longer than libjpeg-turbo for all pixels. */
const REDUCTION = 8;

/** The short side that a recipe works on: a picture of more pixels may be decoded smaller. */
export function neededSide({ resize }: Recipe): number {
  return resize.mode === 'stretch' ? Math.max(resize.width, resize.height) : resize.shortSide;
}

/** By how much a picture may be reduced for a short side of at least `side` pixels to remain; 1 for not at all. */
export function reductionFor({ width, height }: PictureHeader, side: number): number {
  return Math.min(width, height) / REDUCTION >= side ? REDUCTION : 1;
}

/** Decodes a JPEG at a fraction of its size, by computing fewer terms of each block's transform. */
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
