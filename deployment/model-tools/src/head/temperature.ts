/** Confidence has bounds: scores that separate the classes perfectly would ask for an infinite sharpness. */
const SHARPNESS = { least: 1, most: 30 };
const STEPS = 60;

/**
 * The factor on the scores that makes their softmax most likely, given the true classes (Guo et al. 2017,
 * arXiv:1706.04599: temperature scaling, here its inverse). `scores` must come from data the classifier has not seen.
 */
export function fitSharpness(scores: Float64Array, labels: readonly number[], classes: number): number {
  // The loss is convex in the factor, so a golden section on its logarithm finds the least.
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(SHARPNESS.least);
  let high = Math.log(SHARPNESS.most);
  for (let step = 0; step < STEPS; step++) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (negativeLogLikelihood(scores, labels, classes, Math.exp(left)) < negativeLogLikelihood(scores, labels, classes, Math.exp(right))) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}

/** Mean over the rows of -log of the probability that the softmax gives the true class. */
export function negativeLogLikelihood(
  scores: Float64Array,
  labels: readonly number[],
  classes: number,
  sharpness: number,
): number {
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    const top = Math.max(...own) * sharpness;
    let sum = 0;
    for (const score of own) sum += Math.exp(score * sharpness - top);
    loss += Math.log(sum) + top - own[label]! * sharpness;
  }
  return loss / labels.length;
}
