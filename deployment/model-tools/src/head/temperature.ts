const SHARPNESS = { least: 0.1, most: 100 };
const STEPS = 60;

/**
 * The factor on the scores that makes their softmax most likely, given the true classes (temperature scaling, Guo et
 * al. 2017, arXiv:1706.04599). `scores` must come from data the classifier has not seen, rows × classes.
 *
 * Targets are smoothed as Platt (1999) does: n right answers in n trials do not show a certainty above (n + 1) / (n +
 * classes), and without this, scores that separate the classes would ask for an infinite factor.
 */
export function fitSharpness(scores: Float64Array, labels: readonly number[], classes: number): number {
  const loss = (logarithm: number) => negativeLogLikelihood(scores, labels, classes, Math.exp(logarithm));
  // The loss is convex in the factor, so a golden section on its logarithm finds the least.
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(SHARPNESS.least);
  let high = Math.log(SHARPNESS.most);
  for (let step = 0; step < STEPS; step++) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/** Mean over the rows of the cross entropy between smoothed targets and the softmax of the sharpened scores. */
export function negativeLogLikelihood(
  scores: Float64Array,
  labels: readonly number[],
  classes: number,
  sharpness: number,
): number {
  const wrong = 1 / (labels.length + classes);
  const right = 1 - wrong * (classes - 1);
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    const top = Math.max(...own) * sharpness;
    let sum = 0;
    for (const score of own) sum += Math.exp(score * sharpness - top);
    const logarithm = Math.log(sum) + top;
    for (const [target, score] of own.entries()) {
      loss += (target === label ? right : wrong) * (logarithm - score * sharpness);
    }
  }
  return loss / labels.length;
}
