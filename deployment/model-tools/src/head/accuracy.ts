/** Share of rows whose greatest score is that of the true class; `scores` is rows × classes. */
export function accuracy(scores: Float32Array, labels: readonly number[], classes: number): number {
  let right = 0;
  for (const [row, label] of labels.entries()) {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    if (own.indexOf(Math.max(...own)) === label) right++;
  }
  return right / labels.length;
}
