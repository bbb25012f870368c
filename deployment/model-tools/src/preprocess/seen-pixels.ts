import type { Recipe } from '@edgeslot/scoring/model';

/**
 * What a model sees, for the eye: the tensor's values with scale and mean undone, rounded to 0..255, in R, G, B order
 * and row by row.
 */
export function seenPixels(tensor: Float32Array, { resize, channels, layout, mean, scale }: Recipe): Uint8Array {
  const count = resize.height * resize.width;
  const pixels = new Uint8ClampedArray(count * 3);
  for (let channel = 0; channel < 3; channel++) {
    const place = channels === 'RGB' ? channel : 2 - channel;
    const factor = typeof scale === 'number' ? scale : scale[channel]!;
    for (let pixel = 0; pixel < count; pixel++) {
      const value = tensor[layout === 'NHWC' ? pixel * 3 + place : place * count + pixel]!;
      pixels[pixel * 3 + channel] = value / factor + mean[channel]!;
    }
  }
  return new Uint8Array(pixels.buffer);
}
