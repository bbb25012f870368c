import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run } from '../run-cli.fixture.js';

const create = (...argv: string[]) => run('model', 'create', ...argv);

describe('edgeslot model create', () => {
  let modelsDir: string;
  before(async () => {
    modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-create-'));
  });
  after(() => rm(modelsDir, { recursive: true, force: true }));

  it('says what it registers, a new version each time', async () => {
    for (const version of [1, 2]) {
      const made = await create('densenet121', '--seed', '3', '--name', 'cells', '--models', modelsDir);
      assert.equal(made.code, 0, made.err);
      const description = 'DenseNet-121, 8.0 M parameters, seeded weights, not trained';
      const last = `Successfully registered: \t cells \t ${description} \t ${version}`;
      assert.equal(made.out, `Registering model cells\n${last}\n`);
    }
    assert.deepEqual((await readdir(join(modelsDir, 'cells'))).sort(), ['1', '2']);
  });

  it('makes a model of which `model show` tells what a card takes and gives', async () => {
    const { out } = await run('model', 'show', 'cells', '--models', modelsDir);
    assert.match(out, /^card takes +InputImage:0 \[1, 230, 230, 3\]$/m);
    assert.match(out, /^card gives +densenet121\/final_block\/BatchNorm\/Relu:0 \[1, 7, 7, 1024\]$/m);
    assert.match(out, /^output .*\n +also classifier_1\/densenet121\/predictions\/Softmax:0$/m);
    assert.match(out, /^answers +probabilities; classes in labels\.txt$/m);
    assert.match(out, /^card tail +tail\.onnx makes densenet121\/.*\/Mean:0 of it, on the CPU$/m);
  });

  it('refuses wrong usage with exit code 2, and makes nothing', async () => {
    const never = join(modelsDir, 'never');
    for (const [argv, text] of [
      [['resnet18'], /network: expected one of resnet50, resnet152, densenet121, vgg16, ssdvgg300, got "resnet18"/],
      [['vgg16', '--seed', '-3'], /--seed.* expected a whole number of 0 or more/],
      [['vgg16', '--name', 'Bad Name'], /name: expected a letter or digit, .*found "Bad Name"/],
      [[], /missing required argument 'network'/],
    ] as const) {
      const { code, out, err } = await create(...argv, '--models', never);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, text);
    }
    await assert.rejects(readdir(never), { code: 'ENOENT' });
  });
});
