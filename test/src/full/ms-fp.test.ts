import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { compareModels, createModel, makeMsFp, modelDeviceTime } from '@edgeslot/model-tools';
import { openPackage } from '@edgeslot/scoring/model';
import { startEdgeslot } from '../support/run-command.js';
import { peakMemory } from './support/peak-memory.js';
import { onnxChecker } from './support/python-environment.js';
import { runPython } from './support/run-python.js';

const MEMORY_BOUND = 1.5e9;
const FRAMES = [1, 2, 3, 4];

describe("DenseNet-121 with a card's numbers", () => {
  let base: string;
  let modelsDir: string;
  let images: string;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'edgeslot-full-ms-fp-'));
    [modelsDir, images] = [join(base, 'models'), join(base, 'images')];
    await mkdir(images);
    for (const seed of FRAMES) await writeFile(join(images, `${seed}.jpg`), await renderFrame(seed));
    await createModel({ modelsDir, network: 'densenet121' });
  });
  after(() => rm(base, { recursive: true, force: true }));

  it('comes closer to float32 with every bit of the mantissa', async () => {
    const differences: number[] = [];
    for (const mantissaBits of [2, 3, 5, 7]) {
      const { manifest } = await makeMsFp({ modelsDir, model: 'densenet121:1', mantissaBits, activations: true });
      const b = `densenet121:${manifest.version}`;
      const { pictures, report } = await compareModels({ modelsDir, a: 'densenet121:1', b, images });
      assert.equal(pictures, FRAMES.length);
      differences.push(report.difference.mean);
    }
    const sorted = differences.toSorted((a, b) => b - a);
    assert.deepEqual(differences, sorted);
    assert.ok(differences[0]! > 8 * differences.at(-1)!, String(differences));
    assert.ok(differences.at(-1)! > 0);
  });

  it('is sound to the ONNX checker, and its time on the card is that of its source', async () => {
    const packages = await Promise.all(
      [1, 2].map((version) => openPackage(modelsDir, { name: 'densenet121', version })),
    );
    const times = await Promise.all(packages.map(({ directory, manifest }) => modelDeviceTime(directory, manifest)));
    assert.deepEqual(times[1], times[0]);
    const files = [join(packages[1]!.directory, packages[1]!.manifest.featurizer.file)];
    const results = await runPython(await onnxChecker(), { script: 'check_onnx.py', folder: base, input: { files } });
    assert.deepEqual(
      results,
      files.map((path) => ({ path, error: null })),
    );
  });
});

describe('VGG-16, the largest network', () => {
  let modelsDir: string;
  before(async () => {
    modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-full-ms-fp-vgg-'));
    await createModel({ modelsDir, network: 'vgg16' });
  });
  after(() => rm(modelsDir, { recursive: true, force: true }));

  it("gets a card's numbers in little memory", async () => {
    const quantize = ['model', 'quantize', 'vgg16', '--numerics', 'ms-fp', '--models', modelsDir];
    const command = startEdgeslot(quantize);
    const peak = await peakMemory(command);
    const { code, stdout } = await command.finished;
    assert.equal(code, 0, command.output);
    assert.match(stdout, /^Rounded 134248128 weights of 15 convolutions and matrix products\n/);
    assert.ok(peak > 0 && peak < MEMORY_BOUND, `${peak} bytes`);
  });
});
