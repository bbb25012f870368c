import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementCount } from '../onnx/graph.js';
import { modelBytes } from '../onnx/write-model.js';
import { parameterCount } from './network.js';
import { RESNET50, RESNET152, resnetFeaturizer } from './resnet.js';

const SMALL = {
  name: 'resnet50',
  scope: 'resnet_v1_50',
  rootDepth: 4,
  blocks: [{ depth: 4, units: 2, stride: 2 }],
};

test('the featurizers have the layers and parameters of ResNet-50 and ResNet-152', () => {
  for (const [network, convolutions, units, parameters, statistics] of [
    [RESNET50, 53, 16, 23_508_032, 53_120],
    [RESNET152, 155, 50, 58_143_808, 151_424],
  ] as const) {
    const graph = network.featurizer(1);
    const count = (operator: string) => graph.nodes.filter((node) => node.operator === operator).length;
    assert.deepEqual(
      [count('Conv'), count('BatchNormalization'), count('Add')],
      [convolutions, convolutions, units],
      network.name,
    );
    assert.equal(parameterCount(graph), parameters);
    const all = graph.initializers.reduce((total, { dims }) => total + elementCount(dims), 0);
    assert.equal(all - parameters, statistics);
  }
});

test('the same seed gives the same bytes, another seed others', () => {
  const bytes = (seed: number) => modelBytes(resnetFeaturizer({ seed, ...SMALL }));
  assert.deepEqual(bytes(5), bytes(5));
  assert.notDeepEqual(bytes(5), bytes(6));
});
