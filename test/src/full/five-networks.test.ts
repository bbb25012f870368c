import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeCardPart } from '@edgeslot/model-tools/testing';
import { type ModelManifest, parseManifest } from '@edgeslot/scoring/model';
import type { Tensor } from 'onnxruntime-node';
import { startEdgeslot } from '../support/run-command.js';
import { runCardAndTail } from './support/card-and-tail.js';
import { peakMemory } from './support/peak-memory.js';
import { onnxChecker } from './support/python-environment.js';
import { distance, type OpenModel, openModel, stripes } from './support/run-featurizer.js';
import { runPython } from './support/run-python.js';

const MEMORY_BOUND = 1.5e9;
/** Of the stripes of one picture, in pixels. */
const PERIOD = 31;
const TITLES = {
  resnet50: 'ResNet-50 v1, 25.6 M',
  resnet152: 'ResNet-152 v1, 60.2 M',
  densenet121: 'DenseNet-121, 8.0 M',
  vgg16: 'VGG-16, 138.4 M',
  ssdvgg300: 'SSD-VGG-300, 26.3 M',
};

for (const [network, title] of Object.entries(TITLES)) {
  describe(`${network} in its full size`, () => {
    let modelsDir: string;
    let directory: string;
    let manifest: ModelManifest;
    let features: Tensor | undefined;
    before(async () => {
      modelsDir = await mkdtemp(join(tmpdir(), `edgeslot-${network}-`));
      directory = join(modelsDir, network, '1');
    });
    after(() => rm(modelsDir, { recursive: true, force: true }));

    it('is made and registered in little memory', async () => {
      const command = startEdgeslot(['model', 'create', network, '--seed', '1', '--models', modelsDir]);
      const peak = await peakMemory(command);
      const { code, stdout } = await command.finished;
      assert.equal(code, 0, command.output);
      const description = `${title} parameters, seeded weights, not trained`;
      const last = `Successfully registered: \t ${network} \t ${description} \t 1`;
      assert.equal(stdout, `Registering model ${network}\n${last}\n`);
      assert.ok(peak > 0 && peak < MEMORY_BOUND, `${peak} bytes`);
      manifest = parseManifest(await readFile(join(directory, 'model.json'), 'utf8'), 'model.json');
    });

    it('has nothing that the ONNX checker finds', async () => {
      const { featurizer, classifier, device } = manifest;
      const graphs = [featurizer.file, classifier?.file, device?.tail].filter((file) => file !== undefined);
      const files = graphs.map((file) => join(directory, file));
      const run = { script: 'check_onnx.py', folder: modelsDir, input: { files } };
      const results = await runPython(await onnxChecker(), run);
      assert.deepEqual(
        results,
        files.map((path) => ({ path, error: null })),
      );
    });

    it('runs one picture and three, which get finite and clearly different outputs', async () => {
      const model = await openModel(directory, manifest);
      try {
        ({ [manifest.featurizer.outputs[0]!.name]: features } = await checkOutputs(model, manifest));
      } finally {
        await model.close();
      }
    });

    if (network === 'ssdvgg300') {
      it('says nothing of a card, as no firmware for it is known', () => {
        assert.equal(manifest.device, undefined);
      });
      return;
    }
    it('gives the same features by a card and the tail behind it, whose weights are not stored twice', async () => {
      assert.ok(manifest.files[manifest.device!.tail!]!.bytes < 4096);
      const part = join(modelsDir, 'card-part.onnx');
      await writeCardPart(network, 1, part);
      const picture = stripes(manifest, PERIOD);
      const found = await runCardAndTail(part, directory, manifest, picture);
      assert.deepEqual(found.dims, features!.dims);
      assert.ok(distance(features!.data as Float32Array, found.data as Float32Array) < 1e-5);
    });
  });
}

/** Returns the features of the picture in the middle. */
async function checkOutputs(model: OpenModel, manifest: ModelManifest): Promise<Record<string, Tensor>> {
  const { featurizer } = manifest;
  const pictures = [9, PERIOD, 80].map((period) => stripes(manifest, period));
  const alone = await model.featurize(pictures.slice(1, 2));
  const together = await model.featurize(pictures);
  for (const { name, shape } of featurizer.outputs) {
    assert.deepEqual(alone[name]!.dims, [1, ...shape.slice(1)], name);
    assert.deepEqual(together[name]!.dims, [3, ...shape.slice(1)], name);
    const values = together[name]!.data as Float32Array;
    assert.ok(
      values.every((value) => Math.abs(value) < 1000),
      `${name}: finite and moderate`,
    );
    const row = values.length / 3;
    const [a, b, c] = [0, 1, 2].map((at) => values.subarray(at * row, (at + 1) * row)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    assert.ok(distance(b, alone[name]!.data as Float32Array) < 1e-4, `${name}: alone as in a batch`);
    for (const apart of [distance(a, b), distance(a, c), distance(b, c)]) assert.ok(apart > 0.1, `${name}: ${apart}`);
  }
  return alone;
}
