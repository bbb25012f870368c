import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { elementCount } from '../onnx/graph.js';
import { modelBytes, writeModel } from '../onnx/write-model.js';
import { softmaxClassifier } from './classifier.js';
import { RESNET50, resnet50Featurizer } from './resnet50.js';

const SMALL = { rootDepth: 4, blocks: [{ depth: 4, units: 2, stride: 2 }] };

test('the featurizer has the parameters of ResNet-50: 53 convolutions, 23,508,032 learned numbers', () => {
  const graph = resnet50Featurizer({ seed: 1 });
  const count = (operator: string) => graph.nodes.filter((node) => node.operator === operator).length;
  assert.deepEqual([count('Conv'), count('BatchNormalization'), count('Add')], [53, 53, 16]);
  const sum = (pattern: RegExp) =>
    graph.initializers
      .filter(({ name }) => pattern.test(name))
      .reduce((total, { dims }) => total + elementCount(dims), 0);
  assert.equal(sum(/\/weights$|\/gamma$|\/beta$/), 23_508_032);
  assert.equal(sum(/\/moving_/), 53_120);
  assert.equal(sum(/./), 23_508_032 + 53_120);
});

test('the same seed gives the same bytes, another seed others', () => {
  const bytes = (seed: number) => modelBytes(resnet50Featurizer({ seed, ...SMALL }));
  assert.deepEqual(bytes(5), bytes(5));
  assert.notDeepEqual(bytes(5), bytes(6));
});

test('the whole network runs one and three pictures, which get clearly different and finite features', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-resnet-'));
  try {
    const file = join(folder, 'featurizer.onnx');
    await writeModel(resnet50Featurizer({ seed: 1 }), file);
    const session = await ort.InferenceSession.create(file);
    const run = async (...pictures: Float32Array[]) => {
      const input = new Float32Array(pictures.flatMap((picture) => [...picture]));
      const outputs = await session.run({
        [RESNET50.input.name]: new ort.Tensor('float32', input, [pictures.length, 224, 224, 3]),
      });
      const features = outputs[RESNET50.features.name]!;
      assert.deepEqual(features.dims, [pictures.length, 1, 1, 2048]);
      return Array.from(pictures, (_, row) => (features.data as Float32Array).slice(row * 2048, (row + 1) * 2048));
    };
    const pictures = [stripes(9), stripes(31), stripes(80)] as const;
    const [a, b, c] = await run(...pictures);
    const [alone] = await run(pictures[1]);
    assert.ok([...a!, ...b!, ...c!].every((value) => Number.isFinite(value) && value < 1000));
    assert.ok(distance(b!, alone!) < 1e-4, 'a picture gets the same features alone and in a batch');
    for (const [one, other] of [
      [a!, b!],
      [a!, c!],
      [b!, c!],
    ] as const) {
      assert.ok(distance(one, other) > 0.02, `${distance(one, other)}`);
    }
    await session.release();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the classifier gives softmax probabilities of its weights', async () => {
  const classifier = softmaxClassifier({
    input: { name: 'features:0', shape: [-1, 1, 1, 2] },
    output: 'classifier/predictions/Softmax:0',
    weights: Float32Array.of(1, -1, 2, 0),
    bias: Float32Array.of(0.5, 0),
  });
  const session = await ort.InferenceSession.create(modelBytes(classifier));
  const features = new ort.Tensor('float32', Float32Array.of(1, 1, 0, 0), [2, 1, 1, 2]);
  const { 'classifier/predictions/Softmax:0': result } = await session.run({ 'features:0': features });
  const expected = [4.5, 0.5].flatMap((gap) => [1 / (1 + Math.exp(-gap)), 1 / (1 + Math.exp(gap))]);
  for (const [index, value] of (result!.data as Float32Array).entries())
    assert.ok(Math.abs(value - expected[index]!) < 1e-6);
  assert.deepEqual(result!.dims, [2, 2]);
  await session.release();
  assert.throws(
    () =>
      softmaxClassifier({
        input: { name: 'f', shape: [-1, 3] },
        output: 'o',
        weights: new Float32Array(4),
        bias: new Float32Array(2),
      }),
    /expected 3 × 2 weights/,
  );
});

/** A picture of slanted stripes of a period in pixels, minus its mean, as BGR planes would be. */
function stripes(period: number): Float32Array {
  return Float32Array.from({ length: 224 * 224 * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    return 100 * Math.sin(((2 * Math.PI) / period) * ((pixel % 224) + Math.floor(pixel / 224) / 2 + (index % 3) * 3));
  });
}

/** Relative to the first one's length. */
function distance(a: Float32Array, b: Float32Array): number {
  let apart = 0;
  let length = 0;
  for (const [index, value] of a.entries()) {
    apart += (value - b[index]!) ** 2;
    length += value ** 2;
  }
  return Math.sqrt(apart / length);
}
