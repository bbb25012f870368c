import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakePackage } from '../testing/fake-device.js';
import { softmax, topK } from './postprocess.js';

function reply(values: number[], type: 'softmax' | 'logits' | 'ssd' = 'softmax') {
  const model = fakePackage('a');
  const labels = ['a', 'b', 'c', 'd', 'e', 'f'];
  const manifest = { ...model.manifest, postprocessing: { type, labels: 'labels.txt' } };
  const data = Float32Array.from(values);
  return { model: { ...model, labels, manifest }, outputs: [{ name: 'out', shape: [values.length / 6, 6], data }] };
}

test('the best five, best first; of equals the lower class first', () => {
  const best = topK(reply([0.125, 0.25, 0.125, 0.0625, 0.25, 0.1875]));
  assert.deepEqual(
    best.map((one) => one.label),
    ['b', 'e', 'f', 'a', 'c'],
  );
  assert.deepEqual(best[0], { label: 'b', classId: 1, confidence: 0.25 });
  assert.equal(topK(reply([1, 0, 0, 0, 0, 0]), 99).length, 6);
});

test('a NaN is no answer and hides none', () => {
  const best = topK(reply([0.125, Number.NaN, 0.25, Number.NaN, 0.5, 0.0625]));
  assert.deepEqual(
    best.map((one) => one.label),
    ['e', 'c', 'a', 'f'],
  );
  assert.deepEqual(topK(reply([1, 2, Number.NaN, 3, 4, 5], 'logits')), []);
});

test('rows of a batch are apart; a row that is not there is an error', () => {
  const two = reply([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
  assert.equal(topK(two, 1, 1)[0]!.label, 'c');
  assert.throws(() => topK(two, 1, 2), { code: 'INTERNAL' });
});

test('logits become probabilities, large ones too', () => {
  const [best, second] = topK(reply([1000, 1000, 0, 0, 0, -1000], 'logits'));
  assert.deepEqual([best!.confidence, second!.confidence], [0.5, 0.5]);
  const all = softmax(Float32Array.from([1, 2, 3]));
  assert.ok(Math.abs(all.reduce((a, b) => a + b) - 1) < 1e-6);
});

test('what a detector answers is never taken for class scores', () => {
  assert.throws(() => topK(reply([1, 0, 0, 0, 0, 0], 'ssd')), { code: 'INTERNAL', message: /no class scores/ });
});
