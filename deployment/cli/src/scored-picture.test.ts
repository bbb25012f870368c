import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownModel } from './labels.js';
import { readScores } from './scored-picture.js';

const OPTIONS = { top: 2, threshold: 0.5, iouThreshold: 0.45 };
const LABELS = ['a', 'b', 'c'];

async function confidences(values: number[], answers?: KnownModel['answers']): Promise<[string, number][]> {
  const data = Float32Array.from(values);
  const result = { model: { name: 'net', version: 1 }, outputs: new Map([['scores:0', { shape: [1, 3], data }]]) };
  const scored = await readScores(new Uint8Array(), result, { labels: LABELS, ...(answers && { answers }) }, OPTIONS);
  assert.ok('classes' in scored);
  return scored.classes.map(({ label, confidence }) => [label, Number(confidence.toFixed(4))]);
}

test('logits become probabilities, probabilities stay as they are', async () => {
  const logits = [Math.log(1), Math.log(6), Math.log(3)];
  assert.deepEqual(await confidences(logits, 'logits'), [
    ['b', 0.6],
    ['c', 0.3],
  ]);
  assert.deepEqual(await confidences([0.25, 0.5, 0.125], 'softmax'), [
    ['b', 0.5],
    ['a', 0.25],
  ]);
});

test('of a model whose package is not here, what lies outside of 0 to 1 is a logit', async () => {
  assert.deepEqual((await confidences([-3, -3, -3]))[0], ['a', 0.3333]);
  assert.deepEqual((await confidences([40, 2, 1]))[0], ['a', 1]);
  assert.deepEqual((await confidences([0.1, 0.7, 0.2]))[0], ['b', 0.7]);
});
