import { elementCount, type Graph } from '../onnx/graph.js';
import { normalWeights } from '../onnx/random-weights.js';
import { linearClassifier } from './classifier.js';
import type { ClassifierNetwork } from './network.js';

/** Spreads the logits of untrained features over a few units, so that one class stands out without being certain. */
const SPREAD = 2;

/** The classifier that the original has behind this featurizer, with seeded weights. */
export function seededClassifier(
  { features, featureScale, head }: ClassifierNetwork,
  seed: number,
  classes: number,
): Graph {
  const width = elementCount(features.shape.slice(1));
  const output = `classifier/${head.output}`;
  const weights = new Float32Array(width * classes);
  const deviation = SPREAD / (featureScale * Math.sqrt(width));
  let filled = 0;
  for (const piece of normalWeights(seed, `${output}/weights`, weights.length, deviation)) {
    weights.set(piece, filled);
    filled += piece.length;
  }
  return linearClassifier(head.type, { input: features, output, weights, bias: new Float32Array(classes) });
}
