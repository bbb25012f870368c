import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { registerModel } from '@edgeslot/model-tools';
import { tinyNetwork } from '@edgeslot/model-tools/testing';
import { run } from '../run-cli.fixture.js';

describe('edgeslot model quantize', () => {
  let dir: string;
  let images: string;
  let modelsDir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-quantize-'));
    modelsDir = join(dir, 'models');
    images = join(dir, 'images');
    await mkdir(images);
    await writeFile(join(images, 'one.jpg'), 'one');
    await writeFile(join(dir, 'tiny.onnx'), tinyNetwork());
    await registerModel({ modelsDir, path: join(dir, 'tiny.onnx'), name: 'net' });
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('refuses wrong usage with exit code 2 before anything is made', async () => {
    for (const [argv, text] of [
      [['net'], /--images/],
      [['a b', '--images', images], /no model id/],
      [['net', '--images', images, '--method', 'magic'], /Allowed choices are minmax, percentile, entropy/],
      [['net', '--images', images, '--weight-bits', '4'], /expected 7 or 8/],
      [['net', '--images', images, '--samples', '2'], /samples: expected a whole number of 4 or more, got 2/],
      [['net', '--images', images, '--name', 'a:1'], /name: expected a letter .* found "a:1"/],
      [['net', '--images', images, '--mantissa', '3'], /--mantissa goes with --numerics ms-fp, not with int8/],
      [['net', '--numerics', 'ms-fp', '--weight-bits', '7'], /--weight-bits goes with --numerics int8, not with ms-fp/],
      [['net', '--images', join(dir, 'nowhere')], /nowhere: expected a folder of pictures \(ENOENT\)/],
      [
        ['net', '--images', images],
        /expected 10 or more different pictures, found 1: two thirds of them set the ranges/,
      ],
    ] as const) {
      const { code, out, err } = await run('model', 'quantize', ...argv, '--models', modelsDir);
      assert.deepEqual([code, out], [2, ''], err);
      assert.match(err, text);
    }
    assert.deepEqual(await readdir(join(modelsDir, 'net')), ['1']);
  });

  it('a model that is not there is an error of its own', async () => {
    const { code, err } = await run('model', 'quantize', 'other', '--images', images, '--models', modelsDir);
    assert.equal(code, 1);
    assert.match(err, /'other' is not in the models directory/);
  });
});
