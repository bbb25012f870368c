/** A picture of slanted stripes of a period in pixels, minus its mean: `size` × `size` × 3. */
export function stripes(size: number, period: number): Float32Array {
  return Float32Array.from({ length: size * size * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    const along = (pixel % size) + Math.floor(pixel / size) / 2 + (index % 3) * 3;
    return 100 * Math.sin(((2 * Math.PI) / period) * along);
  });
}

/** How far apart, relative to the first one's length. */
export function distance(a: Float32Array, b: Float32Array): number {
  let apart = 0;
  let length = 0;
  for (const [index, value] of a.entries()) {
    apart += (value - b[index]!) ** 2;
    length += value ** 2;
  }
  return Math.sqrt(apart / length);
}
