import { invertPositiveDefinite } from './cholesky.js';

export interface RidgeProblem {
  /** Centred features, `rows` × `columns`. */
  readonly features: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** Class of every row, 0 to `classes` - 1. */
  readonly labels: readonly number[];
  readonly classes: number;
}

export interface RidgeFit {
  /** `columns` × `classes`. */
  readonly weights: Float64Array;
  /** Share of each class among the rows: the intercept, as the features are centred. */
  readonly bias: Float64Array;
  /** What the fit without a row says of that row, `rows` × `classes`. */
  readonly leftOut: Float64Array;
  readonly lambda: number;
}

/** Tried in turn, as shares of the mean squared length of a row. */
const LAMBDAS = [1e-4, 1e-3, 1e-2, 0.1, 1];

/**
 * Ridge regression of one-vs-all targets (1 for the class, else 0) in closed form. There are fewer rows than columns,
 * so it is solved in the dual: weights = Xᵀ (X Xᵀ + λ)⁻¹ (Y - mean).
 *
 * λ is the one with the least leave-one-out error, which for ridge regression needs no second fit: the residual of a
 * row left out is its residual divided by 1 - its leverage (Allen's PRESS, 1974).
 */
export function fitRidge(problem: RidgeProblem): RidgeFit {
  const gram = gramMatrix(problem);
  let meanLength = 0;
  for (let row = 0; row < problem.rows; row++) meanLength += gram[row * problem.rows + row]! / problem.rows;
  let best: { error: number; dual: Dual } | undefined;
  for (const share of LAMBDAS) {
    const dual = solveDual(problem, gram, share * (meanLength || 1));
    const error = squaredError(problem, dual.leftOut);
    if (!best || error < best.error) best = { error, dual };
  }
  const { dual } = best!;
  return { weights: primalWeights(problem, dual.alpha), bias: dual.bias, leftOut: dual.leftOut, lambda: dual.lambda };
}

interface Dual {
  readonly alpha: Float64Array;
  readonly bias: Float64Array;
  readonly leftOut: Float64Array;
  readonly lambda: number;
}

function solveDual({ rows, labels, classes }: RidgeProblem, gram: Float64Array, lambda: number): Dual {
  const shifted = gram.slice();
  for (let row = 0; row < rows; row++) shifted[row * rows + row]! += lambda;
  const inverse = invertPositiveDefinite(shifted, rows);
  const bias = new Float64Array(classes);
  for (const label of labels) bias[label]! += 1 / rows;
  const alpha = new Float64Array(rows * classes);
  const leftOut = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const slack = lambda * inverse[row * rows + row]! - 1 / rows;
    for (let target = 0; target < classes; target++) {
      let sum = 0;
      for (let other = 0; other < rows; other++) {
        sum += inverse[row * rows + other]! * ((labels[other] === target ? 1 : 0) - bias[target]!);
      }
      alpha[row * classes + target] = sum;
      leftOut[row * classes + target] = (labels[row] === target ? 1 : 0) - (lambda * sum) / slack;
    }
  }
  return { alpha, bias, leftOut, lambda };
}

function gramMatrix({ features, rows, columns }: RidgeProblem): Float64Array {
  const gram = new Float64Array(rows * rows);
  for (let row = 0; row < rows; row++) {
    for (let other = 0; other <= row; other++) {
      let sum = 0;
      for (let column = 0; column < columns; column++) {
        sum += features[row * columns + column]! * features[other * columns + column]!;
      }
      gram[row * rows + other] = sum;
      gram[other * rows + row] = sum;
    }
  }
  return gram;
}

function primalWeights({ features, rows, columns, classes }: RidgeProblem, alpha: Float64Array): Float64Array {
  const weights = new Float64Array(columns * classes);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = features[row * columns + column]!;
      for (let target = 0; target < classes; target++) {
        weights[column * classes + target]! += value * alpha[row * classes + target]!;
      }
    }
  }
  return weights;
}

function squaredError({ rows, labels, classes }: RidgeProblem, scores: Float64Array): number {
  let error = 0;
  for (let row = 0; row < rows; row++) {
    for (let target = 0; target < classes; target++) {
      error += ((labels[row] === target ? 1 : 0) - scores[row * classes + target]!) ** 2;
    }
  }
  return error;
}
