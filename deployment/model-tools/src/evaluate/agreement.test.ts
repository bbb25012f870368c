import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agreement } from './agreement.js';
import { probabilities, softmaxRows } from './probabilities.js';

const LABELS = ['ant', 'bee', 'cat'];
const of = (...values: number[]) => Float32Array.from(values);

test('agreement counts best classes by what the first model said, and keeps the largest difference', () => {
  const agreement = new Agreement(LABELS);
  agreement.add('1.jpg', of(0.75, 0.25, 0), of(0.5, 0.25, 0.25));
  agreement.add('2.jpg', of(0.5, 0.25, 0.25), of(0.25, 0.75, 0));
  agreement.add('3.jpg', of(0, 0, 1), of(0, 0, 1));
  assert.deepEqual(agreement.report(), {
    answers: 3,
    agreement: 2 / 3,
    difference: { mean: 1.5 / 9, largest: 0.5, file: '2.jpg' },
    margin: { median: 0.5, least: 0.25 },
    classes: [
      { label: 'ant', count: 2, agreed: 1 },
      { label: 'cat', count: 1, agreed: 1 },
    ],
    confusion: [{ a: 'ant', b: 'bee', count: 1 }],
  });
});

test('without pictures nothing is claimed; numbers that are not finite and other counts of classes are refused', () => {
  const agreement = new Agreement(LABELS);
  const { agreement: share, margin, answers } = agreement.report();
  assert.deepEqual([share, margin, answers], [null, null, 0]);
  assert.throws(() => agreement.add('a', of(0, 1, 0), of(0, Number.NaN, 0)), /second model gave numbers/);
  assert.throws(() => agreement.add('a', of(0, 1), of(0, 1, 0)), /expected 3 classes, the first model gave 2/);
  assert.equal(agreement.report().answers, 0);
});

test('softmax of rows sums to 1 and stands large logits', () => {
  assert.deepEqual([...softmaxRows(of(0, 0, 1000, 1000), 2)], [0.5, 0.5, 0.5, 0.5]);
  const logits = [{ name: 'x', shape: [1, 2], data: of(1e4, 0) }];
  assert.deepEqual([...probabilities('logits', logits)], [1, 0]);
  assert.deepEqual([...probabilities('softmax', logits)], [1e4, 0]);
  assert.throws(() => probabilities('ssd', logits), /type ssd/);
});
