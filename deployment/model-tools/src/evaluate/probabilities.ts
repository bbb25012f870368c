import type { TensorData } from '@edgeslot/scoring/device';
import type { Postprocessing } from '@edgeslot/scoring/model';

/** The class scores of a classifier's answer as probabilities: a softmax of logits, else what it answered. */
export function probabilities(type: Postprocessing['type'], [output]: readonly TensorData[]): Float32Array {
  if (!output || type === 'ssd') throw new Error(`expected the answer of a classifier, got one of type ${type}`);
  return type === 'logits' ? softmaxRows(output.data, output.data.length) : output.data;
}

/** Softmax of each row; the greatest of a row is taken off first, so that nothing overflows. */
export function softmaxRows(logits: Float32Array, columns: number): Float32Array {
  const rows = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += columns) {
    const row = logits.subarray(start, start + columns);
    const most = row[indexOfMost(row)]!;
    let sum = 0;
    for (const value of row) sum += Math.exp(value - most);
    for (let column = 0; column < columns; column++) rows[start + column] = Math.exp(row[column]! - most) / sum;
  }
  return rows;
}

/** The first of the greatest. */
export function indexOfMost(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}
