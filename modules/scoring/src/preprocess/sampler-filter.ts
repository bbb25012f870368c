import type { Pixels } from './decode.js';
import { columnsOf, type FilterPlan } from './sampling-plan.js';

const f = Math.fround;

/** A weighted sum of rows first, then of columns, as TensorFlow does; float32 after each operation. */
export function sampleFilter({ rgb }: Pixels, plan: FilterPlan, target: Float32Array): void {
  const { y, width, scratch } = plan;
  const [first, end] = columnsOf(plan.x);
  const sums = scratch.subarray(0, (end - first) * 3);
  for (let line = 0; line < y.first.length; line++) {
    sums.fill(0);
    for (let tap = 0; tap < y.count[line]!; tap++) {
      const weight = y.weights[line * y.taps + tap]!;
      const start = ((y.first[line]! + tap) * width + first) * 3;
      for (let i = 0; i < sums.length; i++) sums[i] = f(sums[i]! + f(weight * rgb[start + i]!));
    }
    sumColumns(sums, first, line, plan, target);
  }
}

function sumColumns(sums: Float32Array, start: number, line: number, plan: FilterPlan, target: Float32Array): void {
  const { x, y, planar, reversed, means, scales } = plan;
  const width = x.first.length;
  const plane = planar ? y.first.length * width : 1;
  const inRow = planar ? width : 1;
  const step = planar ? 1 : 3;
  for (let column = 0, to = line * width * step; column < width; column++, to += step) {
    const from = (x.first[column]! - start) * 3;
    const [weights, count] = [column * x.taps, x.count[column]!];
    for (let place = 0; place < 3; place++) {
      let sum = 0;
      for (let tap = 0, at = from + (reversed ? 2 - place : place); tap < count; tap++, at += 3) {
        sum = f(sum + f(x.weights[weights + tap]! * sums[at]!));
      }
      target[to + place * plane] = f(sum - means[place * inRow]!) * scales[place * inRow]!;
    }
  }
}
