import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accuracy } from './accuracy.js';
import { fitSharpness, negativeLogLikelihood } from './temperature.js';
import { trainHead } from './train-head.js';

const COLUMNS = 40;

/** Rows around three centres; each class has its own, in features of very different size. */
function rows(count: number, offset: number) {
  const labels = Array.from({ length: count }, (_, row) => row % 3);
  const values = Float32Array.from({ length: count * COLUMNS }, (_, index) => {
    const [row, column] = [Math.floor(index / COLUMNS), index % COLUMNS];
    const noise = Math.sin((row + offset) * 12.9898 + column * 78.233) * 43758.5453;
    return 10 ** (column % 4) * ((column % 3 === labels[row] ? 1 : 0) + 2 * (noise - Math.floor(noise) - 0.5)) + 5;
  });
  return { features: { values, rows: count, columns: COLUMNS }, labels };
}

test('a head judges rows it has not seen, on features as they come', () => {
  const training = rows(24, 0);
  const unseen = rows(60, 1000);
  const head = trainHead(training.features, training.labels, 3);
  const scores = new Float32Array(60 * 3);
  for (let row = 0; row < 60; row++) {
    for (let target = 0; target < 3; target++) {
      scores[row * 3 + target] = head.bias[target]!;
      for (let column = 0; column < COLUMNS; column++) {
        scores[row * 3 + target]! +=
          unseen.features.values[row * COLUMNS + column]! * head.weights[column * 3 + target]!;
      }
    }
  }
  assert.ok(accuracy(scores, unseen.labels, 3) > 0.9, `${accuracy(scores, unseen.labels, 3)}`);
});

test('labels that do not fit the rows, or lack a class, are refused', () => {
  const { features, labels } = rows(6, 0);
  assert.throws(() => trainHead(features, labels.slice(1), 3), /expected 6, one per row, got 5/);
  assert.throws(() => trainHead(features, labels, 4), /3 is absent/);
});

test('the sharpness is the one of least loss, and finite for scores that separate perfectly', () => {
  const labels = [0, 1, 0, 1, 0, 1, 0, 1];
  const perfect = Float64Array.from(labels.flatMap((label) => (label === 0 ? [1, 0] : [0, 1])));
  const best = fitSharpness(perfect, labels, 2);
  for (const other of [best * 0.9, best * 1.1]) {
    assert.ok(negativeLogLikelihood(perfect, labels, 2, best) < negativeLogLikelihood(perfect, labels, 2, other));
  }
  // 9 of 10: one more right answer than trials, two more trials.
  assert.ok(Math.abs(1 / (1 + Math.exp(-best)) - 0.9) < 1e-6);
});
