/** How many rows of each true class were judged to be which; `scores` is rows × classes, the greatest wins. */
export function confusionTable(
  scores: Float32Array,
  labels: readonly number[],
  classes: number,
): { readonly accuracy: number; readonly table: number[][] } {
  const table = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let right = 0;
  for (const [row, label] of labels.entries()) {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    const said = own.indexOf(own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
    table[label]![said]!++;
    if (said === label) right++;
  }
  return { accuracy: right / labels.length, table };
}
