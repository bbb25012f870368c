import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelManifest } from '../model/manifest.js';
import { openPackage } from '../model/open-package.js';
import type { Package } from '../model/package.js';
import { writeCardPackage } from '../testing/card-package.js';
import { temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';
import { planForCard } from './card-network.js';

const with_ = (model: Package, change: Partial<ModelManifest>): Package => ({
  ...model,
  manifest: { ...model.manifest, ...change },
});

test('a device section gives the card its tensors, and the CPU the tail', async (t) => {
  const base = await temporaryDirectory(t);
  await writeCardPackage(base);
  const model = await openPackage(base, { name: 'tiny' });
  const { network, tail } = await planForCard(model);
  assert.deepEqual(network.input, { name: 'InputImage:0', rows: 230, columns: 230, channels: 3, border: 3 });
  assert.deepEqual(network.output, { name: 'pool', rows: 7, columns: 7, channels: 3 });
  assert.equal(tail?.file, 'tail.onnx');
  const { sha256, bytes } = model.manifest.files['featurizer.onnx']!;
  assert.deepEqual([network.sha256, network.bytes], [sha256, bytes]);
});

test('without one the featurizer’s own tensors serve, as there is nothing between', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const { network, tail } = await planForCard(await openPackage(base, { name: 'tiny' }));
  assert.deepEqual(network.input, { name: 'InputImage:0', rows: 224, columns: 224, channels: 3, border: 0 });
  assert.deepEqual(network.output, { name: 'resnet_v1_50/pool5:0', rows: 1, columns: 1, channels: 3 });
  assert.equal(tail, undefined);
});

test('what no card runs is refused, with the reason', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  const model = await openPackage(base, { name: 'tiny' });
  const { featurizer, preprocessing } = model.manifest;
  const outputs = [...featurizer.outputs, { name: 'more', shape: [-1, 4] }];
  const refused: [Partial<ModelManifest>, RegExp][] = [
    [{ featurizer: { ...featurizer, outputs } }, /its featurizer gives 2 tensors, a card gives one/],
    [
      { featurizer: { ...featurizer, outputs: outputs.slice(1) } },
      /more is \[.*\]; a card gives rows, columns and channels/,
    ],
    [{ preprocessing: { ...preprocessing, layout: 'NCHW' } }, /channels first/],
  ];
  for (const [change, message] of refused) {
    await assert.rejects(planForCard(with_(model, change)), { code: 'DEVICE_UNSUITABLE', message });
  }
});
