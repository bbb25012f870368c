import { fitRidge } from './ridge.js';
import { type Matrix, standardize } from './standardize.js';
import { fitSharpness } from './temperature.js';

/** A linear classifier on raw features: softmax(features × weights + bias). */
export interface Head {
  /** Features × classes, row by row. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly lambda: number;
  readonly sharpness: number;
}

/** Trains a head on features of labelled pictures; classes are numbered from 0 and every one must occur. */
export function trainHead(features: Matrix, labels: readonly number[], classes: number): Head {
  checkLabels(features, labels, classes);
  const { rows, columns } = features;
  const scaled = standardize(features);
  const fit = fitRidge({ features: scaled.values, rows, columns, labels, classes });
  const sharpness = fitSharpness(fit.leftOut, labels, classes);
  // Folding standardisation and sharpness in leaves one matrix and one vector for the graph.
  const weights = new Float32Array(columns * classes);
  const bias = Float64Array.from(fit.bias, (value) => value * sharpness);
  for (let column = 0; column < columns; column++) {
    for (let target = 0; target < classes; target++) {
      const weight = (fit.weights[column * classes + target]! * sharpness) / scaled.deviation[column]!;
      weights[column * classes + target] = weight;
      bias[target]! -= weight * scaled.mean[column]!;
    }
  }
  return { weights, bias: Float32Array.from(bias), lambda: fit.lambda, sharpness };
}

function checkLabels({ rows }: Matrix, labels: readonly number[], classes: number): void {
  if (labels.length !== rows) throw new RangeError(`labels: expected ${rows}, one per row, got ${labels.length}`);
  for (let target = 0; target < classes; target++) {
    if (!labels.includes(target))
      throw new RangeError(`labels: expected every class from 0 to ${classes - 1}, ${target} is absent`);
  }
}
