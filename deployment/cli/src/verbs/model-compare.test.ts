import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { makeMsFp } from '@edgeslot/model-tools';
import { tinyNetwork } from '@edgeslot/model-tools/testing';
import { run } from '../run-cli.fixture.js';

describe('edgeslot model compare, and quantize --numerics ms-fp', () => {
  let dir: string;
  let images: string;
  const model = (verb: string, ...argv: string[]) => run('model', verb, ...argv, '--models', join(dir, 'models'));

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-cli-compare-'));
    images = join(dir, 'pictures');
    const onnx = join(dir, 'tiny.onnx');
    const labels = join(dir, 'labels.txt');
    await mkdir(images);
    await writeFile(onnx, tinyNetwork());
    await writeFile(labels, 'one\ntwo\nthree\n');
    await writeFile(join(images, 'belt.jpg'), await renderFrame(1));
    await writeFile(join(images, 'text.jpg'), 'not a picture');
    for (const [name, ...more] of [['net'], ['named', '--labels', labels]] as const) {
      const { code, err } = await model('register', onnx, '--name', name, ...more);
      assert.equal(code, 0, err);
    }
    await makeMsFp({ modelsDir: join(dir, 'models'), model: 'net:1', mantissaBits: 3, activations: true });
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('prints who was compared, the agreement and the classes, and lists pictures that failed', async () => {
    const { code, out, err } = await model('compare', 'net:1', 'net', '--images', images);
    assert.equal(code, 0, err);
    assert.match(
      out,
      /^A {2}net:1 {2}float32\nB {2}net:2 {2}ms-fp \(ms-fp9: 3-bit mantissa, blocks of 128; weights and/,
    );
    assert.match(out, /Compared on 1 picture\nTop-1 agreement +100\.0 %, 1 of 1 pictures/);
    assert.match(out, /By class of A, pictures:\n {2}A's class +pictures +agreed\n {2}\S.* 1 +100\.0 %\n/);
    assert.match(err, /^failed: .*text\.jpg: /m);
  });

  it('prints all of it as JSON', async () => {
    const { code, out } = await model('compare', 'net:1', 'net:2', '--images', images, '--json');
    assert.equal(code, 0);
    const { a, b, pictures, failed, report } = JSON.parse(out);
    assert.deepEqual([a.id, b.numericsDetail.format, pictures, failed.length], ['net:1', 'ms-fp9', 1, 1]);
    assert.equal(report.agreement, 1);
    assert.ok(report.difference.largest > 0);
  });

  it('refuses what cannot be compared with the reason, and a folder without pictures as wrong usage', async () => {
    const labels = await model('compare', 'net:1', 'named', '--images', images);
    assert.equal(labels.code, 1);
    assert.match(
      labels.err,
      /^edgeslot: net:1 and named cannot be compared: label 1 of net:1 is ".*", of named:1 "one"\n$/,
    );
    const empty = await model('compare', 'net:1', 'net:2', '--images', join(dir, 'models'));
    assert.equal(empty.code, 2);
    assert.match(empty.err, /expected pictures \(JPEG, PNG or GIF\), found none/);
    assert.equal((await model('compare', 'net:1', 'a b', '--images', images)).code, 2);
  });

  it('makes the version of a card by quantize --numerics ms-fp, alone or with what it changes', async () => {
    const card = ['--numerics', 'ms-fp', '--name', 'card'];
    const alone = await model('quantize', 'net:1', ...card, '--format', 'msfp12', '--tag', 'why=study');
    assert.equal(alone.code, 0, alone.err);
    assert.match(
      alone.out,
      /^Rounded 432 weights of 1 convolutions and matrix products\nSuccessfully registered: \tcard\t/,
    );
    const shown = JSON.parse((await model('show', 'card', '--json')).out);
    assert.deepEqual([shown.numericsDetail.format, shown.tags.why, shown.parent], ['msfp12', 'study', 'net:1']);
    const compared = await model('quantize', 'net:1', ...card, '--activations', '--images', images);
    assert.equal(compared.code, 0, compared.err);
    assert.match(
      compared.out,
      /\nB {2}card:2 {2}ms-fp \(ms-fp11: .*; weights and activations\)\nCompared on 1 picture\n/,
    );
  });

  it('refuses wrong choices before anything is registered', async () => {
    const bad = async (...argv: string[]) => {
      const { code, err } = await model('quantize', 'net:1', ...argv);
      assert.equal(code, 2, err);
      return err;
    };
    assert.match(await bad(), /int8 needs pictures to calibrate on: --images DIR/);
    assert.match(
      await bad('--numerics', 'ms-fp', '--mantissa', '9'),
      /mantissa: expected a whole number from 2 to 7, got 9/,
    );
    assert.match(await bad('--numerics', 'ms-fp', '--format', 'fp8'), /expected one of ms-fp8/);
    assert.match(await bad('--numerics', 'ms-fp', '--images', join(dir, 'models')), /found none/);
    const versions = JSON.parse((await model('list', '--json')).out) as { name: string }[];
    assert.equal(versions.filter(({ name }) => name === 'net').length, 2);
  });
});
