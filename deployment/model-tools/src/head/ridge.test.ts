import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { invertPositiveDefinite } from './cholesky.js';
import { fitRidge, type RidgeProblem } from './ridge.js';

const CLASSES = 2;

test('the inverse of a positive definite matrix, times it, is the identity', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 16, maxLength: 16 }), (seed) => {
      const matrix = gram(seed, 4, 4);
      for (let index = 0; index < 4; index++) matrix[index * 5]! += 0.5;
      const inverse = invertPositiveDefinite(matrix, 4);
      for (let row = 0; row < 4; row++) {
        for (let column = 0; column < 4; column++) {
          let sum = 0;
          for (let k = 0; k < 4; k++) sum += matrix[row * 4 + k]! * inverse[k * 4 + column]!;
          assert.ok(Math.abs(sum - (row === column ? 1 : 0)) < 1e-8);
        }
      }
    }),
  );
  assert.throws(() => invertPositiveDefinite(Float64Array.of(1, 2, 2, 1), 2), /positive definite/);
});

test('the dual solution is the plain one: (XᵀX + λ)⁻¹ Xᵀ Y', () => {
  const problem = sample(9, 5);
  const { weights, lambda } = fitRidge(problem);
  closeTo(weights, plain(problem, lambda).weights);
});

test('what it says of a row left out is what a fit without that row says', () => {
  const problem = sample(10, 4);
  const { leftOut, lambda } = fitRidge(problem);
  for (let row = 0; row < problem.rows; row++) {
    const kept = Array.from({ length: problem.rows }, (_, index) => index).filter((index) => index !== row);
    const features = Float64Array.from(
      kept.flatMap((index) => [...problem.features.subarray(index * 4, index * 4 + 4)]),
    );
    const labels = kept.map((index) => problem.labels[index]!);
    const fit = plain({ ...problem, features, rows: kept.length, labels }, lambda);
    const own = problem.features.subarray(row * 4, row * 4 + 4);
    const scores = Array.from({ length: CLASSES }, (_, target) =>
      own.reduce(
        (sum, value, column) => sum + (value - fit.mean[column]!) * fit.weights[column * CLASSES + target]!,
        fit.bias[target]!,
      ),
    );
    closeTo(leftOut.subarray(row * CLASSES, (row + 1) * CLASSES), scores);
  }
});

/** Ridge regression with an intercept, in the primal. */
function plain({ features, rows, columns, labels }: RidgeProblem, lambda: number) {
  const mean = Array.from({ length: columns }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += features[row * columns + column]!;
    return sum / rows;
  });
  const centred = features.map((value, index) => value - mean[index % columns]!);
  const normal = gram(
    Array.from({ length: columns * rows }, (_, index) => centred[(index % rows) * columns + Math.floor(index / rows)]!),
    columns,
    rows,
  );
  for (let index = 0; index < columns; index++) normal[index * columns + index]! += lambda;
  const inverse = invertPositiveDefinite(normal, columns);
  const bias = Array.from({ length: CLASSES }, (_, target) => labels.filter((label) => label === target).length / rows);
  const weights = new Float64Array(columns * CLASSES);
  for (let column = 0; column < columns; column++) {
    for (let target = 0; target < CLASSES; target++) {
      for (let other = 0; other < columns; other++) {
        let product = 0;
        for (let row = 0; row < rows; row++) {
          product += centred[row * columns + other]! * ((labels[row] === target ? 1 : 0) - bias[target]!);
        }
        weights[column * CLASSES + target]! += inverse[column * columns + other]! * product;
      }
    }
  }
  return { weights, bias, mean };
}

/** Rows times their transpose. */
function gram(values: readonly number[], rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * rows }, (_, index) => {
    const [a, b] = [Math.floor(index / rows), index % rows];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += values[a * columns + k]! * values[b * columns + k]!;
    return sum;
  });
}

/** Centred features without a pattern, and labels. */
function sample(rows: number, columns: number): RidgeProblem {
  const features = Float64Array.from({ length: rows * columns }, (_, index) => Math.sin(index * index + 3 * index + 1));
  for (let column = 0; column < columns; column++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += features[row * columns + column]! / rows;
    for (let row = 0; row < rows; row++) features[row * columns + column]! -= mean;
  }
  return {
    features,
    rows,
    columns,
    labels: Array.from({ length: rows }, (_, row) => ((row * 7) % 3) % CLASSES),
    classes: CLASSES,
  };
}

function closeTo(actual: Iterable<number>, expected: Iterable<number>): void {
  const [found, wanted] = [[...actual], [...expected]];
  assert.equal(found.length, wanted.length);
  for (const [index, value] of found.entries())
    assert.ok(Math.abs(value - wanted[index]!) < 1e-8, `${found} against ${wanted}`);
}
