import { exponentRange, largestMantissa, type MsFpFormat } from './format.js';

/** Values as `[any number of slabs][axis][inner]`; blocks lie along `axis`, the last of a slab may be shorter. */
export interface BlockLayout {
  readonly axis: number;
  readonly inner: number;
}

/** Adding and taking it off rounds a double to a whole number, halves to even. */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * Rounds every value to the nearest that its block can hold, halves to an even mantissa; what is too large saturates.
 *
 * Throws RangeError when the values are no whole number of slabs, or are not finite.
 */
export function quantizeBlocks(values: Float32Array, { axis, inner }: BlockLayout, format: MsFpFormat): Float32Array {
  const slab = axis * inner;
  if (values.length % slab !== 0) {
    throw new RangeError(`expected a multiple of ${axis} x ${inner} values, got ${values.length}`);
  }
  const rounded = new Float32Array(values.length);
  const most = largestMantissa(format);
  for (let start = 0; start < values.length; start += slab) {
    for (let first = 0; first < axis; first += format.block) {
      const from = start + first * inner;
      const to = start + Math.min(first + format.block, axis) * inner;
      for (let column = 0; column < inner; column++) {
        let largest = 0;
        for (let at = from + column; at < to; at += inner) {
          const magnitude = Math.abs(values[at]!);
          if (!(magnitude < Number.POSITIVE_INFINITY)) {
            throw new RangeError(`expected finite numbers, got ${values[at]} at ${at}`);
          }
          if (magnitude > largest) largest = magnitude;
        }
        const step = stepOf(largest, format);
        for (let at = from + column; at < to; at += inner) {
          const steps = Math.min(most, Math.max(-most, values[at]! / step));
          rounded[at] = (steps + ROUNDER - ROUNDER) * step;
        }
      }
    }
  }
  return rounded;
}

const scratch = new DataView(new ArrayBuffer(4));

/** Distance of two neighbours in a block whose largest magnitude this is: a power of two. */
export function stepOf(largest: number, format: MsFpFormat): number {
  const { least, most } = exponentRange(format);
  scratch.setFloat32(0, largest);
  // Exact, which a logarithm is not; 0 and subnormal numbers give -127, below any range.
  const exponent = (scratch.getUint16(0) >> 7) - 127;
  return 2 ** (Math.min(most, Math.max(least, exponent)) - (format.mantissaBits - 1));
}
