import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openPackage } from '@edgeslot/scoring/model';
import { type CreateProgress, createModel } from './create-model.js';

describe('createModel', () => {
  let modelsDir: string;
  before(async () => {
    modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-create-'));
  });
  after(() => rm(modelsDir, { recursive: true, force: true }));

  it('registers a network that opens, with honest texts and its progress told', async () => {
    const steps: CreateProgress[] = [];
    const onProgress = (step: CreateProgress) => void steps.push(step);
    const made = await createModel({ modelsDir, network: 'densenet121', seed: 7, onProgress });
    assert.equal(`${made.name}:${made.version}`, 'densenet121:1');
    assert.equal(made.description, 'DenseNet-121, 8.0 M parameters, seeded weights, not trained');
    assert.deepEqual(made.tags, { seed: '7', parameters: '7978856', trained: 'false' });
    const { labels, manifest } = await openPackage(modelsDir, { name: 'densenet121' });
    assert.deepEqual(manifest, made);
    assert.deepEqual(made.device, {
      input: { name: 'InputImage:0', shape: [1, 230, 230, 3] },
      output: { name: 'densenet121/final_block/BatchNorm/Relu:0', shape: [1, 7, 7, 1024] },
      tail: 'tail.onnx',
    });
    assert.deepEqual([labels.length, labels[0], labels[999]], [1000, 'class 0', 'class 999']);
    assert.ok(steps.every(({ done, total }, at) => total === steps[0]!.total && done >= (steps[at - 1]?.done ?? 0)));
    assert.equal(steps.at(-1)!.done, steps.at(-1)!.total);
  });

  it('gives the same seed the same bytes, under whatever name', async () => {
    const again = await createModel({ modelsDir, network: 'densenet121', seed: 7, name: 'cells' });
    const first = JSON.parse(await readFile(join(modelsDir, 'densenet121', '1', 'model.json'), 'utf8'));
    assert.deepEqual(again.files, first.files);
  });

  it('leaves nothing behind when it is stopped midway', async () => {
    const abort = new AbortController();
    const onProgress = ({ done, total }: CreateProgress) => {
      if (done > total / 10) abort.abort(new Error('enough'));
    };
    const stopped = createModel({ modelsDir, network: 'vgg16', onProgress, signal: abort.signal });
    await assert.rejects(stopped, /enough/);
    assert.deepEqual((await readdir(modelsDir)).sort(), ['.staging', 'cells', 'densenet121', 'index.json']);
    assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
  });

  it('refuses what it cannot make before it writes anything', async () => {
    const empty = join(modelsDir, 'never');
    for (const [options, text] of [
      [{ network: 'resnet18' }, /network: expected one of resnet50, .*got "resnet18"/],
      [{ network: 'vgg16', name: 'a/b' }, /name: expected a letter or digit, .*found "a\/b"/],
      [{ network: 'vgg16', name: 'a:1' }, /name: expected a letter or digit/],
      [{ network: 'vgg16', seed: 0.5 }, /seed: expected a whole number, got 0\.5/],
    ] as const) {
      await assert.rejects(createModel({ modelsDir: empty, ...options }), text);
    }
    await assert.rejects(readdir(empty), { code: 'ENOENT' });
  });
});
