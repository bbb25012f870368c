// IEEE 754 binary16, the numbers at a card's edges, as bits in a Uint16Array.

const EXACT = new Float32Array(65_536).map((_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
});

const word = new Float32Array(1);
const wordBits = new Uint32Array(word.buffer);

export function halfToFloat(bits: number): number {
  return EXACT[bits]!;
}

/** Rounds to the nearest, ties to even; too large becomes infinite. */
export function floatToHalf(value: number): number {
  word[0] = value;
  const bits = wordBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return 0x7e00; // not a number, whose sign means nothing
  if (magnitude >= 0x4780_0000) return sign | 0x7c00; // 65536 and more
  if (magnitude < 0x3880_0000) {
    // Below 2^-14 a half has a fixed step of 2^-24, and adding 1/2 to a float32 rounds it to just that.
    word[0] = Math.abs(value) + 0.5;
    return sign | (wordBits[0]! - 0x3f00_0000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1) - 0x3800_0000;
  return sign | (rounded >>> 13); // a carry out of the fraction goes up into the exponent, at last to infinity
}
