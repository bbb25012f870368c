import type { Pixels } from './decode.js';
import { type BilinearPlan, placesInRow } from './sampling-plan.js';

const f = Math.fround;

/**
 * Two neighbours along the row first, then two rows, as TensorFlow does; float32 after each operation. A source row is
 * made once as long as its neighbour below still needs it.
 */
export function sampleBilinear({ rgb }: Pixels, plan: BilinearPlan, target: Float32Array): void {
  const { y, means, scales, scratch } = plan;
  const length = means.length;
  const height = y.low.length;
  const segments = plan.planar ? 3 : 1;
  const segment = length / segments;
  const rows = [scratch.subarray(0, length), scratch.subarray(length)] as const;
  const held = [-1, -1];
  for (let line = 0; line < height; line++) {
    const low = y.low[line]!;
    const high = y.high[line]!;
    let upper = held.indexOf(low);
    if (upper < 0) {
      upper = held[0] === high ? 1 : 0;
      fillRow(rgb, low, plan, rows[upper as 0 | 1]);
      held[upper] = low;
    }
    const lower = low === high ? upper : 1 - upper;
    if (held[lower] !== high) {
      fillRow(rgb, high, plan, rows[lower as 0 | 1]);
      held[lower] = high;
    }
    const [a, b] = [rows[upper as 0 | 1], rows[lower as 0 | 1]];
    const weight = y.weight[line]!;
    for (let i = 0, plane = 0; plane < segments; plane++) {
      let to = (plane * height + line) * segment;
      for (const end = i + segment; i < end; i++, to++) {
        const value = f(a[i]! + f(f(b[i]! - a[i]!) * weight));
        target[to] = f(value - means[i]!) * scales[i]!;
      }
    }
  }
}

/** One source row at the tensor's columns, in the order of the tensor's rows. */
function fillRow(rgb: Uint8Array, line: number, plan: BilinearPlan, row: Float32Array): void {
  const { low, high, weight } = plan.x;
  const { step, places } = placesInRow(low.length, plan);
  const [red, green, blue] = places;
  const start = line * plan.width * 3;
  // The three channels are written out: a loop over them takes half as long again.
  for (let column = 0, to = 0; column < low.length; column++, to += step) {
    const left = start + low[column]! * 3;
    const right = start + high[column]! * 3;
    const part = weight[column]!;
    row[to + red] = f(rgb[left]! + f((rgb[right]! - rgb[left]!) * part));
    row[to + green] = f(rgb[left + 1]! + f((rgb[right + 1]! - rgb[left + 1]!) * part));
    row[to + blue] = f(rgb[left + 2]! + f((rgb[right + 2]! - rgb[left + 2]!) * part));
  }
}
