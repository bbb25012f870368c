import type { TensorData } from '../device/device.js';
import { scoringError } from '../errors.js';
import type { Package } from '../model/package.js';

export interface Classification {
  readonly label: string;
  readonly classId: number;
  /** Probability, 0 to 1. */
  readonly confidence: number;
}

/**
 * The best classes of one picture, best first; of equals the lower class first. A class whose probability is NaN is no
 * answer.
 *
 * @param reply what was scored: the package and its outputs, of which the first is read
 * @param k how many, at most
 * @param row which picture of the batch
 * @throws ScoringError INTERNAL for a detector, whose outputs are no class scores, and for a row that is not there
 */
export function topK(
  reply: { readonly model: Package; readonly outputs: readonly TensorData[] },
  k = 5,
  row = 0,
): Classification[] {
  const { labels, manifest } = reply.model;
  if (manifest.postprocessing.type === 'ssd') throw scoringError('INTERNAL', 'a detector answers no class scores');
  const output = reply.outputs[0];
  const classes = labels.length;
  if (!output || output.data.length < (row + 1) * classes) {
    throw scoringError(
      'INTERNAL',
      `row ${row} of ${classes} classes is not in an output of ${output?.data.length ?? 0}`,
    );
  }
  const values = output.data.subarray(row * classes, (row + 1) * classes);
  const confidences = manifest.postprocessing.type === 'logits' ? softmax(values) : values;
  return (
    Array.from(confidences, (confidence, classId) => ({ label: labels[classId]!, classId, confidence }))
      // One alone would put all of them out of order.
      .filter(({ confidence }) => !Number.isNaN(confidence))
      .sort((a, b) => b.confidence - a.confidence || a.classId - b.classId)
      .slice(0, k)
  );
}

/** Softmax of one row; the maximum is taken off first, so that nothing overflows. */
export function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return Float32Array.from(powers, (value) => value / sum);
}
