import type { Package } from '@edgeslot/scoring/model';
import { answerGraph, formatModelId, formatShape } from '@edgeslot/scoring/model';

/**
 * Why the answers of two models cannot be compared; `undefined` when they can. Names of tensors may differ, and so may
 * logits and probabilities.
 */
export function whyIncomparable(a: Package, b: Package): string | undefined {
  const [one, other] = [formatModelId(a.id), formatModelId(b.id)];
  const detects = ({ manifest }: Package) => manifest.postprocessing.type === 'ssd';
  if (detects(a) !== detects(b)) {
    const [detector, classifier] = detects(a) ? [one, other] : [other, one];
    return `${detector} is a detector, ${classifier} a classifier`;
  }
  if (a.labels.length !== b.labels.length) {
    return `${one} has ${a.labels.length} labels, ${other} ${b.labels.length}`;
  }
  const at = a.labels.findIndex((label, index) => label !== b.labels[index]);
  if (at >= 0) return `label ${at + 1} of ${one} is "${a.labels[at]}", of ${other} "${b.labels[at]}"`;
  const shapes = ({ manifest }: Package) =>
    answerGraph(manifest)
      .outputs.map(({ shape }) => formatShape(shape))
      .join(' ');
  if (shapes(a) !== shapes(b)) return `${one} answers ${shapes(a)}, ${other} ${shapes(b)}`;
  return undefined;
}
