import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openPackage } from '@edgeslot/scoring/model';
import { OpenGraph } from '../onnx/run-graph.js';
import { findModel, listModels } from '../registry/list.js';
import { verifyModel } from '../registry/verify.js';
import { type TinyNetworkOptions, tinyNetwork } from '../testing/tiny-network.js';
import { registerModel } from './register-model.js';
import type { RegisterOptions } from './registration.js';

let base: string;
let modelsDir: string;

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'edgeslot-register-'));
  modelsDir = join(base, 'models');
});
after(() => rm(base, { recursive: true }));

async function onnx(file: string, options?: TinyNetworkOptions): Promise<string> {
  const path = join(base, file);
  await writeFile(path, tinyNetwork(options));
  return path;
}

const register = (path: string, options: Partial<RegisterOptions> = {}) =>
  registerModel({ modelsDir, path, name: 'net', ...options });

async function run(file: string | Uint8Array, values: Float32Array, shape: readonly number[]) {
  const graph = await OpenGraph.open(file);
  const result = await graph.runShaped(values, shape);
  await graph.close();
  return result;
}

describe('an ONNX file', () => {
  for (const layout of ['NCHW', 'NHWC'] as const) {
    for (const split of [undefined, 'pool', 'relu']) {
      test(`${layout}, split at ${split ?? 'the last Gemm'}: the parts together are the whole`, async () => {
        const path = await onnx('whole.onnx', { layout });
        const { manifest } = await register(path, {
          name: 'parts',
          tags: { for: 'test' },
          recipe: { std: [1, 1, 1] },
          ...(split !== undefined && { split }),
        });
        const { directory, manifest: opened } = await openPackage(modelsDir, manifest);
        assert.equal(opened.preprocessing.layout, layout);
        assert.deepEqual(opened.tags, { for: 'test' });
        assert.equal(opened.postprocessing.type, 'softmax');
        assert.equal(opened.classifier!.input.name, split ?? 'flat');
        const shape = layout === 'NCHW' ? [1, 3, 32, 32] : [1, 32, 32, 3];
        const picture = Float32Array.from({ length: 3072 }, (_, index) => Math.sin(index));
        const features = await run(join(directory, 'featurizer.onnx'), picture, shape);
        assert.deepEqual([-1, ...features.shape.slice(1)], opened.featurizer.outputs[0]!.shape);
        const scores = await run(join(directory, 'classifier.onnx'), features.values, features.shape);
        const whole = await run(path, picture, shape);
        assert.deepEqual([...scores.values], [...whole.values]);
      });
    }
  }

  test('deviations per channel become scales per channel, and the graph stays as it is', async () => {
    const path = await onnx('std.onnx');
    const { manifest } = await register(path, { recipe: { channels: 'BGR', scale: 2, std: [2, 4, 8] }, split: 'pool' });
    const { manifest: plain } = await register(path, { recipe: { scale: 1 }, split: 'pool' });
    assert.deepEqual((await openPackage(modelsDir, manifest)).manifest.preprocessing.scale, [1, 0.5, 0.25]);
    assert.equal(manifest.files['featurizer.onnx']!.sha256, plain.files['featurizer.onnx']!.sha256);
  });

  test('a resize may leave its sides to the graph', async () => {
    const { manifest } = await register(await onnx('sides.onnx'), { recipe: { resize: { mode: 'stretch' } } });
    const { manifest: opened } = await openPackage(modelsDir, manifest);
    assert.deepEqual(opened.preprocessing.resize, { height: 32, width: 32, mode: 'stretch' });
  });

  test('labels that name several classes are told, not refused', async () => {
    const { notes } = await register(await onnx('cranes.onnx'), { labels: ['crane', 'tench', 'crane'] });
    assert.match(notes.at(-1)!, /^labels: given to more than one class: "crane"; /);
  });

  test('logits, an open batch, an open size with a recipe, labels and defaults that are told', async () => {
    const path = await onnx('open.onnx', { softmax: false, batch: 'N', side: 'S' });
    const resize = { mode: 'stretch', height: 48, width: 40 } as const;
    const { manifest, notes } = await register(path, { recipe: { resize, mean: [0, 0, 0] }, labels: ['a', 'b', 'c'] });
    const { labels, manifest: opened } = await openPackage(modelsDir, manifest);
    assert.deepEqual(labels, ['a', 'b', 'c']);
    assert.equal(opened.postprocessing.type, 'logits');
    assert.deepEqual(opened.featurizer.input, { name: 'data', shape: [-1, 3, 48, 40] });
    assert.equal(notes.length, 1);
  });

  for (const [what, file, options, expected] of [
    ['opset 7', { opset: 7 }, {}, /opset 7; expected 11 or higher\. Convert it .*version_converter/],
    ['opset 10', { opset: 10 }, {}, /opset 10; expected 11/],
    ['a split that is not there', {}, { split: 'nope' }, /--split nope: .*flat \(Flatten\), logits \(Gemm\)/],
    ['a split after the last tensor', {}, { split: 'prob' }, /--split prob: expected a tensor between/],
    ['a size that nothing names', { side: 'S' }, {}, /leaves the size open: name it in a recipe/],
    [
      'a size against the graph',
      {},
      { recipe: { resize: { mode: 'stretch', height: 9, width: 9 } } },
      /32x32, found 9x9/,
    ],
    ['a layout against the graph', {}, { recipe: { layout: 'NHWC' } }, /is NCHW, found NHWC/],
    ['a field that is none', {}, { recipe: { stdev: [1, 1, 1] } }, /stdev is no field; expected like, resize/],
    ['a batch of four', { batch: 4 }, {}, /a batch of 4; expected one picture/],
    ['too few labels', {}, { labels: ['one'] }, /labels: expected 3, .* found 1/],
    ['a mean that is none', {}, { recipe: { mean: 5 } }, /refused\.onnx: recipe: mean: must be array, found 5$/],
    ['a resize that is none', {}, { recipe: { resize: 'crop' } }, /recipe: resize: must be object, found "crop"/],
    [
      'figures of PyTorch as they are',
      {},
      { recipe: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } },
      /std: \[0\.229.* is a share of one.* "scale": 0\.0039/,
    ],
    ['a bad name', {}, { name: 'a b' }, /name: expected a letter.*found "a b"/],
    ["the name of the registry's index", {}, { name: 'index.json' }, /name: index\.json is the registry's own/],
  ] as [string, TinyNetworkOptions, Partial<Record<keyof RegisterOptions, unknown>>, RegExp][]) {
    test(`${what} is refused, and nothing stays`, async () => {
      const dir = join(base, 'refused');
      const path = await onnx('refused.onnx', file);
      await assert.rejects(register(path, { modelsDir: dir, ...(options as Partial<RegisterOptions>) }), expected);
      await mkdir(dir, { recursive: true });
      assert.deepEqual(await listModels(dir), []);
      assert.deepEqual(await readdir(join(dir, '.staging')).catch(() => []), []);
    });
  }

  test('a file that is cut off, empty, or no model is refused and named', async () => {
    const whole = tinyNetwork();
    for (const bytes of [
      Buffer.alloc(0),
      whole.subarray(0, whole.length - 40),
      Buffer.from('hello, world'),
      whole.subarray(9),
    ]) {
      const path = join(base, 'bad.onnx');
      await writeFile(path, bytes);
      await assert.rejects(register(path), /bad\.onnx: /);
    }
  });

  test('an operator that the runtime lacks is named, and the file that has it', async () => {
    const whole = tinyNetwork();
    const path = join(base, 'strange.onnx');
    const at = whole.indexOf('Relu');
    await writeFile(path, Buffer.concat([whole.subarray(0, at), Buffer.from('Rilu'), whole.subarray(at + 4)]));
    await assert.rejects(register(path), /strange\.onnx.*Rilu of ai\.onnx 17/);
  });
});

describe('a package directory', () => {
  test('is registered under another name, with its files and added tags', async () => {
    const { manifest } = await register(await onnx('first.onnx'), {
      name: 'first',
      tags: { a: '1' },
      description: 'One',
    });
    const path = join(modelsDir, 'first', String(manifest.version));
    const { manifest: copy } = await register(path, { name: 'second', tags: { b: '2' } });
    const opened = await openPackage(modelsDir, { name: 'second' });
    assert.deepEqual([opened.manifest.tags, opened.manifest.description], [{ a: '1', b: '2' }, 'One']);
    assert.deepEqual(copy.files, manifest.files);
  });

  test('is refused when altered, when a file leads out, and with options for ONNX', async () => {
    const { manifest } = await register(await onnx('first.onnx'), { name: 'third' });
    const path = join(base, 'package');
    await cp(join(modelsDir, 'third', String(manifest.version)), path, { recursive: true });
    await assert.rejects(register(path, { split: 'pool' }), /--split is for an ONNX file/);
    const before = (await listModels(modelsDir)).length;
    const featurizer = await readFile(join(path, 'featurizer.onnx'));
    featurizer[100] = featurizer[100]! ^ 1;
    await writeFile(join(path, 'featurizer.onnx'), featurizer);
    await assert.rejects(register(path), { code: 'PACKAGE_DIGEST', message: /package\/featurizer\.onnx was altered/ });
    await rm(join(path, 'featurizer.onnx'));
    await symlink(join(modelsDir, 'third', '1', 'featurizer.onnx'), join(path, 'featurizer.onnx'));
    await assert.rejects(register(path), /link that leaves the package/);
    assert.equal((await listModels(modelsDir)).length, before);
  });
});

test('a SavedModel is kept with its files, listed, verified and not servable', async () => {
  const path = join(base, 'saved');
  await mkdir(join(path, 'variables'), { recursive: true });
  await writeFile(join(path, 'saved_model.pb'), 'graph');
  await writeFile(join(path, 'variables', 'variables.index'), 'index');
  const { servable } = await register(path, { name: 'tensorflow', tags: { from: 'tf' } });
  assert.equal(servable, false);
  const { source, directory } = await findModel(modelsDir, 'tensorflow');
  assert.deepEqual(Object.keys(source!.files), ['saved_model.pb', 'variables/variables.index']);
  await verifyModel(modelsDir, 'tensorflow');
  await assert.rejects(
    openPackage(modelsDir, { name: 'tensorflow' }),
    /kept as source and is not servable: convert it/,
  );
  await writeFile(join(directory, 'saved_model.pb'), 'other');
  await assert.rejects(verifyModel(modelsDir, 'tensorflow'), /saved_model\.pb was altered/);
});

test('a pipe where a file is expected is refused, not waited for', async () => {
  const { directory } = await openPackage(
    modelsDir,
    (await register(await onnx('piped.onnx'), { name: 'piped' })).manifest,
  );
  for (const file of ['classifier.onnx', 'model.json']) {
    const copy = join(base, `piped-${file}`);
    await cp(directory, copy, { recursive: true });
    await rm(join(copy, file));
    execFileSync('mkfifo', [join(copy, file)]);
    await assert.rejects(
      register(copy),
      file === 'model.json' ? /holds no model/ : /classifier\.onnx: expected a file/,
    );
  }
});

test('texts that are too long are refused before anything is made', async () => {
  const path = await onnx('texts.onnx');
  const long = 'd'.repeat(4097);
  await assert.rejects(register(path, { name: 'texts', description: long }), {
    name: 'RangeError',
    message: 'description: expected at most 4096 characters, found 4097',
  });
  await assert.rejects(
    register(path, { name: 'texts', tags: { site: long } }),
    /^RangeError: tag site: expected at most/,
  );
  const half = 'd'.repeat(4000);
  await assert.rejects(register(path, { name: 'texts', description: half, tags: { a: half, b: half } }), {
    name: 'RangeError',
    message: 'description and tags: expected at most 8192 characters in all, found 12002',
  });
});

test('a path that is not there, or holds no model', async () => {
  await assert.rejects(
    register(join(base, 'none')),
    /^ModelPathError: Error, provided model path ".*none" cannot be found/,
  );
  await mkdir(join(base, 'empty'));
  await assert.rejects(register(join(base, 'empty')), /holds no model: expected model\.json/);
});
