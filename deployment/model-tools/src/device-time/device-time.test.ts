import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Layer, layersOf, readConstants, readOnnxModel, timeOf } from '@edgeslot/scoring/graph';
import { findNetwork } from '../networks/networks.js';
import { resnetFeaturizer } from '../networks/resnet.js';
import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { modelBytes } from '../onnx/write-model.js';

/** Only shapes count: the floats, which would be half a gigabyte with VGG-16, are left out of the file. */
async function layers(t: TestContext, graph: Graph, input: readonly number[]): Promise<Layer[]> {
  const directory = await mkdtemp(join(tmpdir(), 'edgeslot-device-time-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'graph.onnx');
  await writeFile(
    path,
    modelBytes({ ...graph, initializers: graph.initializers.filter(({ type }) => type === 'int64') }),
  );
  const file = await open(path);
  try {
    const model = await readOnnxModel(file);
    const { integers } = await readConstants(file, model);
    const shapes = new Map(graph.initializers.map(({ name, dims }) => [name, dims]));
    return layersOf(model, { shapes, integers }, input);
  } finally {
    await file.close();
  }
}

const network = (name: string) =>
  ({ network: name, postprocessing: { type: 'softmax', labels: 'labels.txt' } }) as const;

async function timeOfNetwork(t: TestContext, name: string) {
  const { featurizer, input, kind } = findNetwork(name);
  const about =
    kind === 'detector' ? ({ network: name, postprocessing: { type: 'ssd', labels: 'x' } } as const) : network(name);
  return timeOf(await layers(t, featurizer(1), input.shape), about);
}

test('tiles are those of the published firmware listings: 1461, 3569, 958 and 916', async (t) => {
  for (const [name, tiles] of [
    ['resnet50', 1461],
    ['resnet152', 3569],
    ['densenet121', 958],
    ['vgg16', 916],
  ] as const) {
    assert.equal((await timeOfNetwork(t, name)).tiles, tiles, name);
  }
});

test('DenseNet-121, VGG-16 and SSD-VGG-300 take the cycles and the time that follow from their layers', async (t) => {
  const dense = await timeOfNetwork(t, 'densenet121');
  assert.deepEqual([dense.cycles, dense.ms.toFixed(1)], [506_758, '2.7']);
  const vgg = await timeOfNetwork(t, 'vgg16');
  assert.deepEqual(
    [vgg.cycles, vgg.ms.toFixed(1), vgg.basis, vgg.uncertaintyPercent],
    [1_443_589, '7.6', 'modelled', 40],
  );
  const ssd = await timeOfNetwork(t, 'ssdvgg300');
  assert.deepEqual([ssd.cycles, ssd.ms.toFixed(0), ssd.uncertaintyPercent], [2_880_398, '15', 60]);
});

/** Strides as He et al. have them, in the first convolution of a block's first unit; TF-slim has them in the last unit. */
async function heResnet(t: TestContext, units: readonly number[]): Promise<Layer[]> {
  const graph = new GraphBuilder('he');
  let net = graph.input('x', ['N', 3, 224, 224]);
  let made = 0;
  const convolution = (input: string, from: number, to: number, kernel: number, stride: number) => {
    const name = `convolution${made++}`;
    const pad = (kernel - 1) >> 1;
    const weights = graph.floats(`${name}/w`, [to, from, kernel, kernel], new Float32Array(0));
    return graph.node('Conv', [input, weights], name, {
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      kernel_shape: [kernel, kernel],
    });
  };
  net = convolution(net, 3, 64, 7, 2);
  net = graph.node('MaxPool', [net], 'pool', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let depth = 64;
  for (const [block, count] of units.entries()) {
    for (let unit = 0; unit < count; unit++) {
      const [stride, narrow] = [unit === 0 && block > 0 ? 2 : 1, 64 << block];
      const first = convolution(net, depth, narrow, 1, stride);
      const branch = convolution(convolution(first, narrow, narrow, 3, 1), narrow, 4 * narrow, 1, 1);
      const shortcut = unit === 0 ? convolution(net, depth, 4 * narrow, 1, stride) : net;
      net = graph.node('Add', [shortcut, branch], `sum${block}_${unit}`);
      depth = 4 * narrow;
    }
  }
  graph.output(net, ['N', 2048, 7, 7]);
  return await layers(t, graph.build(), [-1, 3, 224, 224]);
}

test('the ResNets of the anchor take 341,040 and 794,192 cycles, ours with the strides of TF-slim a little less', async (t) => {
  const fifty = timeOf(await heResnet(t, [3, 4, 6, 3]), network('other'));
  assert.deepEqual([fifty.tiles, fifty.cycles, fifty.ms.toFixed(1)], [1461, 341_040, '1.8']);
  const deep = timeOf(await heResnet(t, [3, 8, 36, 3]), network('other'));
  assert.deepEqual([deep.tiles, deep.cycles, deep.ms.toFixed(1)], [3569, 794_192, '4.2']);
  const ours = await timeOfNetwork(t, 'resnet152');
  assert.deepEqual([ours.cycles, ours.ms.toFixed(1)], [753_032, '4.0']);
});

test('ResNet-50 has the time that is reported of it; a network of its name with other layers has not', async (t) => {
  const { ms, basis, uncertaintyPercent, cycles } = await timeOfNetwork(t, 'resnet50');
  assert.deepEqual([ms, basis, uncertaintyPercent, cycles], [1.8, 'reported', null, 299_880]);
  const narrow = resnetFeaturizer({ name: 'n', scope: 's', seed: 1, blocks: [{ depth: 16, units: 1, stride: 1 }] });
  assert.equal(timeOf(await layers(t, narrow, [-1, 224, 224, 3]), network('resnet50')).basis, 'modelled');
});

test('groups, explicit pads and joins are followed; what cannot be is named', async (t) => {
  const graph = new GraphBuilder('odd');
  const x = graph.input('x', ['N', 6, 9, 9]);
  const none = new Float32Array(0);
  const padded = graph.node('Pad', [x, graph.integers('pads', [0, 0, 1, 1, 0, 0, 1, 1])], 'padded');
  const grouped = graph.node('Conv', [padded, graph.floats('w', [6, 1, 3, 3], none)], 'grouped', { group: 6 });
  const joined = graph.node('Concat', [grouped, x], 'joined', { axis: 1 });
  graph.node('Conv', [joined, graph.floats('v', [200, 12, 1, 1], none)], 'y');
  graph.output('y', ['N', 200, 9, 9]);
  const { tiles, cycles } = timeOf(await layers(t, graph.build(), [-1, 6, 9, 9]), network('odd'));
  assert.deepEqual([tiles, cycles], [6 * 9 + 1 + 2, 81 * (6 * 9 + 1 + 2)]);

  const strange = new GraphBuilder('strange');
  const shuffled = strange.node('DepthToSpace', [strange.input('x', ['N', 4, 9, 9])], 'shuffled', { blocksize: 2 });
  strange.node('Conv', [shuffled, strange.floats('w', [1, 1, 1, 1], none)], 'y');
  strange.output('y', ['N', 1, 18, 18]);
  await assert.rejects(
    layers(t, strange.build(), [-1, 4, 9, 9]),
    /the shapes that Conv y works on are not known after DepthToSpace shuffled/,
  );
});
