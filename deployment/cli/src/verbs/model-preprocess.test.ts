import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tinyNetwork } from '@edgeslot/model-tools/testing';
import sharp from 'sharp';
import { run } from '../run-cli.fixture.js';

describe('edgeslot model preprocess', () => {
  let dir: string;
  let picture: string;
  const model = (verb: string, ...argv: string[]) =>
    run('model', verb, ...argv, '--models', join(dir, 'models'), '--state', join(dir, 'state'));

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-preprocess-'));
    picture = join(dir, 'red.jpg');
    const create = { width: 64, height: 48, channels: 3, background: '#ff0000' } as const;
    await sharp({ create }).jpeg().toFile(picture);
    await writeFile(join(dir, 'tiny.onnx'), tinyNetwork());
    const { code, err } = await model('register', join(dir, 'tiny.onnx'), '--name', 'tiny', '--recipe', 'torchvision');
    assert.equal(code, 0, err);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('writes tensor and picture of a model, and ends with 0', async () => {
    const out = join(dir, 'one');
    const { code, out: said, err } = await model('preprocess', 'tiny:1', picture, '--out', out);
    assert.equal(code, 0, err);
    assert.equal(err, '');
    assert.equal(said, `${picture}: red.jpg.npy, red.jpg.png\n1 picture: 1 written to ${out} (float32 3x32x32, RGB)\n`);
    assert.deepEqual((await readdir(out)).sort(), ['errors.json', 'red.jpg.npy', 'red.jpg.png']);
    const { dominant } = await sharp(join(out, 'red.jpg.png')).stats();
    assert.ok(dominant.r > 200 && dominant.g < 50 && dominant.b < 50, JSON.stringify(dominant));
  });

  it('tells what was refused, goes on, and ends with 1', async () => {
    const bad = join(dir, 'bad.jpg');
    await writeFile(bad, 'no picture');
    const out = join(dir, 'two');
    const { code, out: said, err } = await model('preprocess', 'tiny', bad, picture, '--out', out);
    assert.equal(code, 1);
    assert.match(err, /^refused: .*bad\.jpg: Unknown image file format.* \(IMAGE_FORMAT\)$/m);
    assert.match(said, /^2 pictures: 1 written to .*two \(float32 3x32x32, RGB\), 1 refused \(.*two\/errors\.json\)$/m);
    const [refused] = JSON.parse(await readFile(join(out, 'errors.json'), 'utf8')) as { code: string }[];
    assert.equal(refused!.code, 'IMAGE_FORMAT');
  });

  it('takes a recipe in place of a model: by name, or from a file', async () => {
    const named = await model('preprocess', '--recipe', 'original-resnet', picture, '--out', join(dir, 'three'));
    assert.match(named.out, /\(float32 224x224x3, BGR\)/);
    const file = join(dir, 'recipe.json');
    await writeFile(file, '{"like": "torchvision", "resize": {"height": 24, "width": 20, "shortSide": 30}}');
    const own = await model('preprocess', '--recipe', file, picture, '--out', join(dir, 'four'));
    assert.match(own.out, /\(float32 3x24x20, RGB\)/, own.err);
  });

  const wrong: [string, string[], RegExp][] = [
    ['no pictures', ['tiny', '--out', 'x'], /pictures are missing: edgeslot model preprocess tiny PICTURE… --out DIR/],
    ['no folder to write to', ['tiny', 'a.jpg'], /required option '--out <dir>'/],
    ['a name that is no model’s', ['a b', 'a.jpg', '--out', 'x'], /"a b" is no model id/],
    [
      'a recipe that nobody knows',
      ['a.jpg', '--recipe', 'pytorch', '--out', 'x'],
      /expected FILE\.json, or one of .*torchvision/,
    ],
  ];
  for (const [what, argv, message] of wrong) {
    it(`${what}: wrong usage`, async () => {
      const { code, err } = await model('preprocess', ...argv);
      assert.equal(code, 2);
      assert.match(err, message);
    });
  }

  it('a recipe that is wrong, a file to write to, a model that is not there', async () => {
    const file = join(dir, 'wrong.json');
    await writeFile(file, '{"mean": [1, 2]}');
    const recipe = await model('preprocess', '--recipe', file, picture, '--out', join(dir, 'five'));
    assert.deepEqual([recipe.code, /mean: must NOT have fewer than 3/.test(recipe.err)], [2, true], recipe.err);
    const taken = await model('preprocess', 'tiny', picture, '--out', file);
    assert.deepEqual([taken.code, /expected a folder, found a file/.test(taken.err)], [2, true], taken.err);
    const absent = await model('preprocess', 'none', picture, '--out', join(dir, 'five'));
    assert.deepEqual([absent.code, /'none' is not in the models directory/.test(absent.err)], [1, true], absent.err);
  });
});
