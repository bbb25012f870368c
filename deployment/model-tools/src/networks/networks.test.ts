import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Network } from './network.js';
import { parameterCount } from './network.js';
import { classifierPackage, detectorPackage } from './network-package.js';
import { findNetwork, NETWORKS } from './networks.js';
import { seededClassifier } from './seeded-classifier.js';

const graphOf = (network: Network) => network.featurizer(1);
const TEXT = { name: 'any', description: 'Any', tags: {} };

test('with the usual classifier of 1,000 classes the networks have the parameters that are known of them', () => {
  const counts = [...NETWORKS.values()].map((network) => {
    const head = network.kind === 'classifier' ? parameterCount(seededClassifier(network, 1, 1000)) : 0;
    return [network.name, parameterCount(graphOf(network)) + head];
  });
  assert.deepEqual(counts, [
    ['resnet50', 25_557_032],
    ['resnet152', 60_192_808],
    ['densenet121', 7_978_856],
    ['vgg16', 138_357_544],
    ['ssdvgg300', 26_285_486],
  ]);
});

test('inputs and outputs have the names and shapes of the original', () => {
  const edges = (name: string) => {
    const { inputs, outputs } = graphOf(findNetwork(name));
    return [...inputs, ...outputs].map((edge) => `${edge.name} ${edge.shape.join('×')}`);
  };
  assert.deepEqual(edges('resnet50'), ['InputImage:0 N×224×224×3', 'resnet_v1_50/pool5:0 N×1×1×2048']);
  assert.deepEqual(edges('resnet152'), ['InputImage:0 N×224×224×3', 'resnet_v1_152/pool5:0 N×1×1×2048']);
  assert.deepEqual(edges('densenet121'), [
    'InputImage:0 N×224×224×3',
    'densenet121/final_block/global_avg_pool/Mean:0 N×1×1×1024',
  ]);
  assert.deepEqual(edges('vgg16'), ['InputImage:0 N×224×224×3', 'vgg_16/fc7/Relu:0 N×1×1×4096']);
  assert.deepEqual(edges('ssdvgg300'), [
    'InputImage:0 N×300×300×3',
    'ssd_300_vgg/block4_box/Reshape_1:0 N×37×37×4×21',
    'ssd_300_vgg/block7_box/Reshape_1:0 N×19×19×6×21',
    'ssd_300_vgg/block8_box/Reshape_1:0 N×10×10×6×21',
    'ssd_300_vgg/block9_box/Reshape_1:0 N×5×5×6×21',
    'ssd_300_vgg/block10_box/Reshape_1:0 N×3×3×4×21',
    'ssd_300_vgg/block11_box/Reshape_1:0 N×1×1×4×21',
    'ssd_300_vgg/block4_box/Reshape:0 N×37×37×4×4',
    'ssd_300_vgg/block7_box/Reshape:0 N×19×19×6×4',
    'ssd_300_vgg/block8_box/Reshape:0 N×10×10×6×4',
    'ssd_300_vgg/block9_box/Reshape:0 N×5×5×6×4',
    'ssd_300_vgg/block10_box/Reshape:0 N×3×3×4×4',
    'ssd_300_vgg/block11_box/Reshape:0 N×1×1×4×4',
  ]);
});

test('each network is made of few operators, and has as many weighted layers as its name says', () => {
  const operators = (name: string) => {
    const counts: Record<string, number> = {};
    for (const { operator } of graphOf(findNetwork(name)).nodes) counts[operator] = (counts[operator] ?? 0) + 1;
    return counts;
  };
  const resnet = (convolutions: number, units: number, subsampled: number) => ({
    Transpose: 2,
    Conv: convolutions,
    BatchNormalization: convolutions,
    Relu: 3 * units + 1,
    MaxPool: 1 + subsampled,
    Add: units,
    GlobalAveragePool: 1,
  });
  assert.deepEqual(operators('resnet50'), resnet(53, 16, 3));
  assert.deepEqual(operators('resnet152'), resnet(155, 50, 3));
  assert.deepEqual(operators('densenet121'), {
    Transpose: 2,
    Conv: 120,
    BatchNormalization: 121,
    Relu: 121,
    MaxPool: 1,
    Concat: 58,
    AveragePool: 3,
    GlobalAveragePool: 1,
  });
  assert.deepEqual(operators('vgg16'), { Transpose: 2, Conv: 15, Relu: 15, MaxPool: 5 });
  assert.deepEqual(operators('ssdvgg300'), {
    Transpose: 13,
    Conv: 35,
    Relu: 23,
    MaxPool: 5,
    LpNormalization: 1,
    Mul: 1,
    Reshape: 12,
  });
});

test('classifiers go on from the features, to softmax where the original has it', () => {
  const ends = [...NETWORKS.values()].flatMap((network) => {
    if (network.kind === 'detector') return [];
    const draft = classifierPackage(network, { ...TEXT, classes: 1000 });
    const graph = seededClassifier(network, 1, 1000);
    assert.deepEqual(graph.inputs, [{ name: network.features.name, shape: ['N', ...network.features.shape.slice(1)] }]);
    assert.deepEqual(draft.classifier.input, draft.featurizer.outputs[0]);
    assert.deepEqual(draft.classifier.outputs, [{ name: graph.outputs[0]!.name, shape: [-1, 1000] }]);
    const { tensor, also } = draft.signature.outputs.output_alias!;
    assert.deepEqual([tensor, also], [graph.outputs[0]!.name, [tensor.replace('classifier/', 'classifier_1/')]]);
    return `${draft.postprocessing.type} ${tensor} ${graph.nodes.map(({ operator }) => operator).join(' ')}`;
  });
  assert.deepEqual(ends, [
    'softmax classifier/resnet_v1_50/predictions/Softmax:0 Reshape Gemm Softmax',
    'softmax classifier/resnet_v1_152/predictions/Softmax:0 Reshape Gemm Softmax',
    'softmax classifier/densenet121/predictions/Softmax:0 Reshape Gemm Softmax',
    'logits classifier/vgg_16/fc8/squeezed:0 Reshape Gemm',
  ]);
});

test('the detector has no classifier, and an alias for each of its outputs in their order', () => {
  const network = findNetwork('ssdvgg300');
  assert.equal(network.kind, 'detector');
  if (network.kind !== 'detector') return;
  const draft = detectorPackage(network, TEXT);
  assert.equal(draft.classifier, undefined);
  const aliases = Object.entries(draft.signature.outputs);
  assert.deepEqual(
    aliases.map(([alias, { tensor, shape }]) => ({ name: `${alias}:0`, tensor, shape })),
    network.outputs.map(({ name, shape }) => ({ name, tensor: name, shape })),
  );
  const boxes = network.outputs.slice(0, 6).reduce((sum, { shape }) => sum + shape[1]! * shape[2]! * shape[3]!, 0);
  assert.equal(boxes, 8432);
});

test('preprocessing is the original’s', () => {
  const recipes = [...NETWORKS.values()].map(({ preprocessing: { resize, channels, scale, mean } }) => {
    assert.deepEqual(mean, [123.68, 116.779, 103.939]);
    return `${resize.mode} ${resize.height}×${resize.width} ${channels} ${scale}`;
  });
  assert.deepEqual(recipes, [
    'aspect-crop 224×224 BGR 1',
    'aspect-crop 224×224 BGR 1',
    'aspect-crop 224×224 RGB 0.017',
    'aspect-crop 224×224 RGB 1',
    'stretch 300×300 RGB 1',
  ]);
});

test('an unknown network is refused with the names there are', () => {
  assert.throws(() => findNetwork('resnet'), /expected one of resnet50, resnet152, densenet121, vgg16, ssdvgg300/);
});
