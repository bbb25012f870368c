import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { Graph } from '../onnx/graph.js';
import { shareWeights } from '../onnx/share-weights.js';
import { writeModel } from '../onnx/write-model.js';
import { cardPart, channelsLast } from '../testing/card-part.js';
import { NARROW } from './narrow-networks.fixture.js';
import { NETWORKS } from './networks.js';
import { distance, stripes } from './pictures.fixture.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgeslot-card-'));
});
after(() => rm(folder, { recursive: true }));

test('cards take a picture with a border of three and end where the firmware does', () => {
  const sections = [...NETWORKS.values()].map((network) => {
    if (network.kind === 'detector') return `${network.name} none`;
    const { input, output } = network.card;
    return [network.name, ...[input, output].map(({ name, shape }) => `${name} ${shape.join('×')}`)].join(', ');
  });
  assert.deepEqual(sections, [
    'resnet50, InputImage:0 1×230×230×3, resnet_v1_50/block4/unit_3/bottleneck_v1/Relu:0 1×7×7×2048',
    'resnet152, InputImage:0 1×230×230×3, resnet_v1_152/block4/unit_3/bottleneck_v1/Relu:0 1×7×7×2048',
    'densenet121, InputImage:0 1×230×230×3, densenet121/final_block/BatchNorm/Relu:0 1×7×7×1024',
    'vgg16, InputImage:0 1×230×230×3, vgg_16/pool5/MaxPool:0 1×7×7×512',
    'ssdvgg300 none',
  ]);
});

test('a tail goes from the card’s output to the features, and holds no weights that the featurizer has not', () => {
  for (const network of NETWORKS.values()) {
    if (network.kind === 'detector') continue;
    const { card, features } = network;
    const tail = card.tail(1);
    assert.deepEqual(tail.inputs, [{ name: card.output.name, shape: ['N', ...card.output.shape.slice(1)] }]);
    assert.deepEqual(tail.outputs, [{ name: features.name, shape: ['N', ...features.shape.slice(1)] }]);
    const { initializers } = shareWeights(tail, network.featurizer(1), 'featurizer.onnx');
    assert.ok(initializers.every(({ stored }) => stored?.file === 'featurizer.onnx'));
    assert.deepEqual(
      initializers.map(({ name }) => name),
      network.name === 'vgg16'
        ? ['fc6/weights', 'fc6/biases', 'fc7/weights', 'fc7/biases'].map((name) => `vgg_16/${name}`)
        : [],
    );
  }
});

for (const { network, build, card } of NARROW) {
  if (!card) continue;
  describe(`${network.name}, narrow, on a card and in its tail`, () => {
    test('gives the features of the featurizer, one picture and three', async () => {
      const featurizer = build(2);
      const file = join(folder, 'featurizer.onnx');
      const tail = join(folder, 'tail.onnx');
      const part = join(folder, 'part.onnx');
      try {
        await writeModel(featurizer, file);
        await writeModel(shareWeights(card.tail(2), featurizer, 'featurizer.onnx'), tail);
        await writeModel(cardPart(featurizer, card), part);
        assert.ok((await stat(tail)).size < 4096, 'weights are not written twice');
        for (const periods of [[31], [9, 31, 80]]) {
          const picture = pictures(periods, network.preprocessing.scale as number);
          const expected = await run(file, featurizer, picture);
          const onCard = await run(part, cardPart(featurizer, card), picture);
          const given = channelsLast(onCard.data as Float32Array, onCard.dims);
          const shape = [periods.length, ...card.output.shape.slice(1)];
          const found = await run(tail, card.tail(2), new ort.Tensor('float32', given, shape));
          assert.deepEqual(found.dims, expected.dims);
          const apart = distance(expected.data as Float32Array, found.data as Float32Array);
          assert.ok(apart < 1e-5, `${apart}`);
        }
      } finally {
        for (const path of [file, tail, part]) await rm(path, { force: true });
      }
    });
  });
}

function pictures(periods: readonly number[], scale: number): ort.Tensor {
  const values = new Float32Array(periods.length * 224 * 224 * 3);
  for (const [index, period] of periods.entries()) {
    values.set(
      stripes(224, period).map((value) => value * scale),
      (index * values.length) / periods.length,
    );
  }
  return new ort.Tensor('float32', values, [periods.length, 224, 224, 3]);
}

async function run(file: string, { inputs, outputs }: Graph, tensor: ort.Tensor): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(file);
  try {
    return (await session.run({ [inputs[0]!.name]: tensor }))[outputs[0]!.name]!;
  } finally {
    await session.release();
  }
}
