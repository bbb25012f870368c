import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { makeMsFp } from '@edgeslot/model-tools';
import { tinyNetwork } from '@edgeslot/model-tools/testing';
import { run } from '../run-cli.fixture.js';

describe('edgeslot model compare', () => {
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
});
