/** Corners of one box in `boxes`: left, top, right, bottom. */
const CORNERS = 4;

/**
 * Greedy non-maximum suppression within each class: a box goes when it overlaps a better one that stays by
 * `iouThreshold` or more.
 *
 * @param boxes corners of the boxes, best first, four numbers each
 * @param classes the class of each
 * @param kept is set to 1 for each that stays, 0 for each that goes
 * @param count how many boxes there are
 */
export function suppress(
  boxes: Float32Array,
  classes: Int32Array,
  kept: Uint8Array,
  count: number,
  iouThreshold: number,
): void {
  kept.fill(1, 0, count);
  for (let better = 0; better < count; better++) {
    if (kept[better] === 0) continue;
    for (let worse = better + 1; worse < count; worse++) {
      if (kept[worse] === 0 || classes[worse] !== classes[better]) continue;
      if (overlap(boxes, better * CORNERS, worse * CORNERS) >= iouThreshold) kept[worse] = 0;
    }
  }
}

/** Intersection over union; 0 of two boxes without an area, which is where it is not defined. */
function overlap(boxes: Float32Array, a: number, b: number): number {
  const width = Math.min(boxes[a + 2]!, boxes[b + 2]!) - Math.max(boxes[a]!, boxes[b]!);
  const height = Math.min(boxes[a + 3]!, boxes[b + 3]!) - Math.max(boxes[a + 1]!, boxes[b + 1]!);
  if (!(width > 0 && height > 0)) return 0;
  const both = width * height;
  return both / (area(boxes, a) + area(boxes, b) - both);
}

function area(boxes: Float32Array, at: number): number {
  return (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
}
