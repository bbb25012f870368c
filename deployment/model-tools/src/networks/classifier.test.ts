import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { modelBytes } from '../onnx/write-model.js';
import { linearClassifier, softmaxClassifier } from './classifier.js';

const OPTIONS = {
  input: { name: 'features:0', shape: [-1, 1, 1, 2] },
  output: 'classifier/predictions/Softmax:0',
  weights: Float32Array.of(1, -1, 2, 0),
  bias: Float32Array.of(0.5, 0),
};

for (const type of ['softmax', 'logits'] as const) {
  test(`the classifier gives the ${type === 'softmax' ? 'probabilities' : 'logits'} of its weights`, async () => {
    const session = await ort.InferenceSession.create(modelBytes(linearClassifier(type, OPTIONS)));
    const features = new ort.Tensor('float32', Float32Array.of(1, 1, 0, 0), [2, 1, 1, 2]);
    const { [OPTIONS.output]: result } = await session.run({ 'features:0': features });
    const logits = [3.5, -1, 0.5, 0];
    const softmax = [4.5, 0.5].flatMap((gap) => [1 / (1 + Math.exp(-gap)), 1 / (1 + Math.exp(gap))]);
    const expected = type === 'softmax' ? softmax : logits;
    for (const [index, value] of (result!.data as Float32Array).entries())
      assert.ok(Math.abs(value - expected[index]!) < 1e-6);
    assert.deepEqual(result!.dims, [2, 2]);
    await session.release();
  });
}

test('weights that do not fit the features are refused', () => {
  const weights = new Float32Array(4);
  const options = { input: { name: 'f', shape: [-1, 3] }, output: 'o', weights, bias: new Float32Array(2) };
  assert.throws(() => softmaxClassifier(options), /expected 3 × 2 weights/);
});
