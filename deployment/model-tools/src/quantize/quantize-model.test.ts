import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { openPackage } from '@edgeslot/scoring/model';
import { preprocessImage } from '@edgeslot/scoring/preprocess';
import { registerModel } from '../import/register-model.js';
import { fakePython } from '../testing/fake-python.js';
import { tinyNetwork } from '../testing/tiny-network.js';
import { type QuantizeProgress, quantizeModel } from './quantize-model.js';

/** Stands in for the quantiser: hands the graph on as it is, and keeps what it was given. */
const HANDS_ON = `
import { copyFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
createInterface({ input: process.stdin }).once('line', (line) => {
  const job = JSON.parse(line);
  writeFileSync(new URL('job.json', import.meta.url), JSON.stringify({ ...job, temporary: process.env.TMPDIR }));
  copyFileSync(job.samples, new URL('samples', import.meta.url));
  copyFileSync(job.source, job.target);
  console.log(JSON.stringify({ phase: 'calibrate', done: 1, total: 1 }));
  console.log(JSON.stringify({ result: { operators: { Conv: 1 }, onnxruntime: '1', onnx: '1' } }));
  process.exit(0);
});
`;
const FRAMES = 12;

describe('an int8 version of a model', () => {
  let base: string;
  let modelsDir: string;
  let images: string;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'edgeslot-quantize-'));
    modelsDir = join(base, 'models');
    images = join(base, 'images');
    await mkdir(images);
    for (let frame = 0; frame < FRAMES; frame++)
      await writeFile(join(images, `${frame}.jpg`), await renderFrame(frame + 1));
    await writeFile(join(images, 'broken.jpg'), 'no picture');
    await writeFile(join(base, 'tiny.onnx'), tinyNetwork());
    const tags = { site: 'north', accuracy: '0.99' };
    await registerModel({ modelsDir, path: join(base, 'tiny.onnx'), name: 'net', tags });
    env = await quantizerOf(HANDS_ON);
  });
  after(() => rm(base, { recursive: true, force: true }));

  const quantizerOf = async (code: string) => {
    const folder = await mkdtemp(join(base, 'python-'));
    const script = join(folder, 'quantizer.mjs');
    await writeFile(script, code);
    return { PATH: process.env.PATH, EDGESLOT_PYTHON: (await fakePython(folder, { script })).python, FOLDER: folder };
  };

  it('is measured on pictures that it was not made from, has a parent and keeps the tags that stay true', async () => {
    const phases = new Set<QuantizeProgress['phase']>();
    const onProgress = ({ phase }: QuantizeProgress) => void phases.add(phase);
    const options = { modelsDir, model: 'net:1', images, env, tags: { line: '4' }, onProgress };
    const made = await quantizeModel({ ...options, method: 'entropy', weightBits: 7 });
    assert.deepEqual([...phases], ['samples', 'calibrate', 'compare', 'time']);

    const { manifest, directory } = await openPackage(modelsDir, { name: 'net' });
    assert.deepEqual(manifest, made.manifest);
    assert.deepEqual([manifest.version, manifest.parent, manifest.numerics], [2, 'net:1', 'int8']);
    assert.equal(
      made.calibratedOn + made.skipped.length + made.compared.pictures + made.compared.failed.length,
      FRAMES + 1,
    );
    assert.equal(made.skipped.length + made.compared.failed.length, 1);
    assert.deepEqual(manifest.tags, {
      site: 'north',
      line: '4',
      int8Agreement: '1',
      int8MeasuredOn: String(made.compared.pictures),
      int8CalibratedOn: String(made.calibratedOn),
      int8Method: 'entropy, 7-bit weights',
    });
    assert.deepEqual([made.before.id, made.after.id, made.compared.report.agreement], ['net:1', 'net:2', 1]);
    for (const { loadMs, latency } of [made.before, made.after]) {
      assert.ok(loadMs > 0 && latency[0]!.threads === 1 && latency.every(({ p50Ms }) => p50Ms > 0));
    }
    const inode = async (folder: string) => (await stat(join(folder, 'classifier.onnx'))).ino;
    assert.equal(await inode(directory), await inode(join(modelsDir, 'net', '1')));
  });

  it('gives the quantiser the tensors that scoring makes of the pictures', async () => {
    const job = JSON.parse(await readFile(join(env.FOLDER!, 'job.json'), 'utf8'));
    assert.deepEqual([job.method, job.weight_bits, job.shape.length], ['entropy', 7, 3]);
    assert.equal(job.temporary, job.folder, 'what it leaves behind when it is ended goes with the rest');
    const bytes = await readFile(join(env.FOLDER!, 'samples'));
    const size = job.shape.reduce((product: number, side: number) => product * side, 4);
    assert.equal(bytes.length % size, 0);
    const { manifest } = await openPackage(modelsDir, { name: 'net', version: 1 });
    const known = new Set<string>();
    for (let frame = 0; frame < FRAMES; frame++) {
      const { tensor } = await preprocessImage(await renderFrame(frame + 1), manifest.preprocessing);
      known.add(Buffer.from(tensor.buffer, tensor.byteOffset, tensor.byteLength).toString('latin1'));
    }
    for (let at = 0; at < bytes.length; at += size) {
      assert.ok(known.delete(bytes.subarray(at, at + size).toString('latin1')), `tensor ${at / size} is of no picture`);
    }
  });

  it('is not made of what is not float32, of too few pictures, or with options that cannot be', async () => {
    const options = { modelsDir, model: 'net:1', images, env };
    await assert.rejects(
      quantizeModel({ ...options, model: 'net:2' }),
      /net:2: expected a float32 model, got int8; it was made from net:1/,
    );
    await assert.rejects(quantizeModel({ ...options, name: 'a:1' }), /name: expected a letter .* found "a:1"/);
    await assert.rejects(
      quantizeModel({ ...options, samples: 3 }),
      /samples: expected a whole number of 4 or more, got 3/,
    );
    const few = await mkdtemp(join(base, 'few-'));
    await writeFile(join(few, '1.jpg'), await renderFrame(1));
    await assert.rejects(quantizeModel({ ...options, images: few }), /expected 10 or more different pictures, found 1/);
  });

  it('is not registered when the quantiser fails, gives another graph, or is aborted', async () => {
    const before = await readdir(join(modelsDir, 'net'));
    const options = { modelsDir, model: 'net:1', images };
    const failing = await quantizerOf("console.error('Traceback\\nValueError: no such tensor'); process.exit(1);");
    await assert.rejects(quantizeModel({ ...options, env: failing }), /ended with 1: .*ValueError: no such tensor/);
    const spoiling = await quantizerOf(
      HANDS_ON.replace('copyFileSync(job.source, job.target);', "writeFileSync(job.target, 'x');"),
    );
    await assert.rejects(quantizeModel({ ...options, env: spoiling }), { name: 'ScoringError' });
    const abort = new AbortController();
    const onProgress = ({ phase }: QuantizeProgress) => {
      if (phase === 'compare') abort.abort(new Error('Ctrl-C'));
    };
    await assert.rejects(quantizeModel({ ...options, env, signal: abort.signal, onProgress }), /Ctrl-C/);
    assert.deepEqual(await readdir(join(modelsDir, 'net')), before);
    assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
  });
});
