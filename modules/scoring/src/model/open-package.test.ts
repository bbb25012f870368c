import assert from 'node:assert/strict';
import {
  appendFile,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { writeCardPackage } from '../testing/card-package.js';
import { writeSsdPackage } from '../testing/ssd-package.js';
import { CARD_OUTPUT, chainGraph, FEATURES, tinyFeaturizer, weightedFeaturizer } from '../testing/tiny-onnx.js';
import { RECIPE, temporaryDirectory, writeTinyPackage } from '../testing/tiny-package.js';
import { listModels, type ModelManifest, openPackage } from './index.js';
import { manifestSchema } from './manifest-schema.js';

test('the published schema is the one that is used', async () => {
  const published = await readFile(new URL('../../src/model/model.schema.json', import.meta.url), 'utf8');
  assert.deepEqual(JSON.parse(published), JSON.parse(JSON.stringify(manifestSchema)));
});

test('a recipe may say rounding, another interpolation and a scale per channel', async (t) => {
  const base = await temporaryDirectory(t);
  const preprocessing = {
    ...RECIPE,
    resize: { ...RECIPE.resize, rounding: 'torchvision' },
    interpolation: 'bilinear-antialias',
    scale: [0.1, 0.2, 0.3],
  };
  await writeTinyPackage(base, { alter: (manifest) => ({ ...manifest, preprocessing }) });
  const { manifest } = await openPackage(base, { name: 'tiny' });
  assert.deepEqual(manifest.preprocessing, preprocessing);
});

test('the latest version is opened, numerically, and what is returned is frozen', async (t) => {
  const base = await temporaryDirectory(t);
  for (const version of [2, 9, 10]) await writeTinyPackage(base, { version });
  await mkdir(join(base, 'tiny', '011'));
  await mkdir(join(base, '.staging'));
  await writeFile(join(base, 'index.json'), '{}');
  const model = await openPackage(base, { name: 'tiny' });
  assert.deepEqual(model.id, { name: 'tiny', version: 10 });
  assert.deepEqual(model.labels, ['blue', 'green', 'red']);
  assert.throws(() => {
    (model.manifest.signature.inputs as Record<string, unknown>).more = {};
  }, TypeError);
  assert.equal((await openPackage(base, { name: 'tiny', version: 2 })).id.version, 2);
  assert.deepEqual(await listModels(base), [{ name: 'tiny', versions: [2, 9, 10] }]);
});

test('a model that is not there is named with what there is', async (t) => {
  const base = await temporaryDirectory(t);
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'MODEL_NOT_FOUND',
    message: `model 'tiny' is not in the models directory ${base}; it holds no model`,
  });
  await writeTinyPackage(base, { version: 3 });
  await assert.rejects(openPackage(base, { name: 'tiny', version: 7 }), {
    code: 'MODEL_NOT_FOUND',
    message: `model 'tiny:7' is not in the models directory ${base}; it holds tiny:3`,
  });
  await assert.rejects(openPackage(join(base, 'none'), { name: 'tiny' }), {
    code: 'MODELS_DIRECTORY',
    status: 'FAILED_PRECONDITION',
  });
});

test('a missing, shortened or altered file is named', async (t) => {
  const base = await temporaryDirectory(t);
  const open = () => openPackage(base, { name: 'tiny' });
  let directory = await writeTinyPackage(base);
  await open();
  await unlink(join(directory, 'classifier.onnx'));
  await assert.rejects(open(), {
    code: 'PACKAGE_FILE_MISSING',
    message: /classifier\.onnx is missing.*made anew by `npm start`; any other is .* again/,
  });

  directory = await writeTinyPackage(base);
  await truncate(join(directory, 'labels.txt'), 3);
  await assert.rejects(open(), {
    code: 'PACKAGE_DIGEST',
    message: /its size is 3, the manifest says 15\. A demo model is made anew/,
  });

  // The same size and modification time as the file that was verified before.
  directory = await writeTinyPackage(base);
  await open();
  const file = join(directory, 'featurizer.onnx');
  const content = await readFile(file);
  const time = new Date(1_700_000_000_000);
  await utimes(file, time, time);
  content[20] = content[20]! ^ 1;
  await writeFile(file, content);
  await utimes(file, time, time);
  await assert.rejects(open(), { code: 'PACKAGE_DIGEST', message: /its sha256 is/ });

  await rm(join(directory, 'model.json'));
  await assert.rejects(open(), { code: 'PACKAGE_FILE_MISSING', message: /model\.json is missing/ });
});

test('links that stay inside are followed, links that leave are refused', async (t) => {
  const base = await temporaryDirectory(t);
  const directory = await writeTinyPackage(base);
  const outside = join(base, 'labels.txt');
  await link(join(directory, 'labels.txt'), outside);
  await unlink(join(directory, 'labels.txt'));
  await symlink(outside, join(directory, 'labels.txt'));
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_OUTSIDE',
    message: /model\.json: files\.labels\.txt: expected a file inside the package, found a link to .*labels\.txt$/,
  });
  await unlink(join(directory, 'labels.txt'));
  await link(outside, join(directory, 'real.txt'));
  await symlink('real.txt', join(directory, 'labels.txt'));
  await openPackage(base, { name: 'tiny' });
});

test('a manifest that is wrong is refused with the field, the value and what was expected', async (t) => {
  const base = await temporaryDirectory(t);
  // biome-ignore lint/suspicious/noExplicitAny: each case spoils one field of a valid manifest.
  const cases: [string, (m: any) => void, RegExp, string?][] = [
    ['missing', (m) => delete m.featurizer, /model\.json: featurizer: is missing/],
    [
      'no classifier',
      (m) => delete m.classifier,
      /classifier: expected a graph, as "postprocessing\.type" is "softmax", found none/,
    ],
    ['ssd', (m) => (m.postprocessing.type = 'ssd'), /classifier: expected none, .*"ssd", found classifier\.onnx/],
    [
      'signature name',
      (m) => (m.signature.outputs.output_alias.tensor = 'x'),
      /signature\.outputs\.output_alias\.tensor: expected an output of classifier\.onnx \(.*\), found x/,
    ],
    [
      'signature shape',
      (m) => (m.signature.outputs.output_alias.shape = [-1, 7]),
      /signature\.outputs\.output_alias\.shape: expected \[-1,3\], found \[-1,7\]/,
    ],
    [
      'two names',
      (m) => (m.signature.outputs.other = { ...m.signature.outputs.output_alias, also: ['output_alias'] }),
      /signature\.outputs\.other: expected names of its own/,
    ],
    [
      'open shape',
      (m) => (m.featurizer.outputs[0].shape = [-1, -1, 1, 3]),
      /featurizer\.outputs\[0\]\.shape: expected a batch/,
    ],
    ['unknown', (m) => (m.extra = 1), /extra: is not a field/],
    ['schema version', (m) => (m.schemaVersion = 2), /schemaVersion: must be equal to constant 1, found 2/],
    ['order', (m) => (m.preprocessing.channels = 'GBR'), /preprocessing\.channels: must be .*"RGB","BGR".*found "GBR"/],
    ['resize', (m) => (m.preprocessing.resize.mode = 'fit'), /preprocessing\.resize/],
    [
      'rounding',
      (m) => (m.preprocessing.resize.rounding = 'up'),
      /preprocessing\.resize\.rounding: .*"tensorflow","torchvision".*found "up"/,
    ],
    [
      'interpolation',
      (m) => (m.preprocessing.interpolation = 'nearest'),
      /preprocessing\.interpolation: .*"bilinear-legacy","bilinear-half-pixel","bilinear-antialias".*found "nearest"/,
    ],
    ['scale', (m) => (m.preprocessing.scale = 0), /preprocessing\.scale: must be >= 1e-12, found 0/],
    ['scale of a channel', (m) => (m.preprocessing.scale = [1, 0, 1]), /preprocessing\.scale\.1: must be >= 1e-12/],
    ['two scales', (m) => (m.preprocessing.scale = [1, 1]), /preprocessing\.scale: must NOT have fewer than 3 items/],
    ['mean', (m) => (m.preprocessing.mean = [0, 1e39, 0]), /preprocessing\.mean\.1: must be <= 1000000, found 1e\+39/],
    ['crop', (m) => (m.preprocessing.resize.shortSide = 200), /a crop within the short side of 200, found 224x224/],
    [
      'input shape',
      (m) => (m.featurizer.input.shape = [-1, 300, 300, 3]),
      /featurizer\.input\.shape: expected \[-1,224,224,3\]/,
    ],
    [
      'link',
      (m) => (m.classifier.input.name = 'x'),
      /classifier\.input\.name: expected an output of the featurizer/,
      'PACKAGE_LINK',
    ],
    ['unlisted', (m) => delete m.files['labels.txt'], /postprocessing\.labels: labels\.txt is not in "files"/],
    [
      'upwards',
      (m) => (m.files['a/../../b'] = m.files['labels.txt']),
      /files\.a\/\.\.\/\.\.\/b: expected/,
      'PACKAGE_OUTSIDE',
    ],
    ['absolute', (m) => (m.postprocessing.labels = '/etc/passwd'), /postprocessing\.labels: must match pattern/],
    ['name', (m) => (m.name = 'other'), /expected tiny:1 as the directory says, found other:1/],
    ['digest', (m) => (m.files['labels.txt'].sha256 = 'AB'), /files\.labels\.txt\.sha256: must match pattern/],
  ];
  for (const [what, spoil, message, code = 'PACKAGE_MANIFEST'] of cases) {
    await writeTinyPackage(base, {
      alter: (manifest) => {
        spoil(manifest);
        return manifest;
      },
    });
    await assert.rejects(openPackage(base, { name: 'tiny' }), { code, message }, what);
  }
  await writeTinyPackage(base, { files: { 'labels.txt': Buffer.from('a\nb\nc\nd\n') } });
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_LABELS',
    message: /labels\.txt: number of labels: expected 3, one for each class of classifier\.onnx, found 4/,
  });
  const directory = await writeTinyPackage(base);
  await appendFile(join(directory, 'model.json'), '}');
  await assert.rejects(openPackage(base, { name: 'tiny' }), { code: 'PACKAGE_MANIFEST', message: /not JSON/ });
  await writeFile(join(directory, 'model.json'), Buffer.alloc((1 << 20) + 1, ' '));
  await assert.rejects(openPackage(base, { name: 'tiny' }), { message: /size: expected at most 1048576 bytes/ });
});

test('an aborted signal ends the reading', async (t) => {
  const base = await temporaryDirectory(t);
  await writeTinyPackage(base);
  await assert.rejects(openPackage(base, { name: 'tiny' }, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('a sealed manifest in which any value was changed is refused; its layout does not count', async (t) => {
  const base = await temporaryDirectory(t);
  const path = join(await writeTinyPackage(base), 'model.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('123.68', '123.69'));
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_DIGEST',
    message: /model\.json was altered: its sha256 is/,
  });
  const entries = Object.entries(JSON.parse(text) as object).reverse();
  await writeFile(path, JSON.stringify(Object.fromEntries(entries)));
  await openPackage(base, { name: 'tiny' });
});

test('the manifest itself is a file of the package: no link out, no pipe, no directory', async (t) => {
  const base = await temporaryDirectory(t);
  const path = join(await writeTinyPackage(base), 'model.json');
  await rename(path, join(base, 'outside'));
  await symlink(join(base, 'outside'), path);
  await assert.rejects(openPackage(base, { name: 'tiny' }), { code: 'PACKAGE_OUTSIDE', message: /model\.json: file:/ });
  await unlink(path);
  await mkdir(path);
  await assert.rejects(openPackage(base, { name: 'tiny' }), { code: 'PACKAGE_FILE_MISSING' });
});

test('a detector has no classifier, and a location map for each class map', async (t) => {
  const base = await temporaryDirectory(t);
  const directory = await writeSsdPackage(base);
  const { digest: _, ...manifest } = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8'));
  assert.equal((await openPackage(base, { name: 'tiny' })).labels.length, 21);
  // biome-ignore lint/suspicious/noExplicitAny: each case spoils one field of a valid manifest.
  const cases: [(m: any) => void, RegExp][] = [
    [(m) => m.featurizer.outputs.pop(), /featurizer\.outputs: expected class maps, .*, found 11 outputs/],
    [
      (m) => (m.featurizer.outputs[8].shape = [-1, 11, 10, 6, 4]),
      /outputs\[8\]\.shape: expected the location map of its class map, \[-1,10,10,6,4\], found \[-1,11,10,6,4\]/,
    ],
    [(m) => (m.featurizer.outputs[1].shape[4] = 20), /outputs\[1\]\.shape: expected a class map .*6,21\], found/],
    [(m) => (m.postprocessing.type = 'logits'), /classifier: expected a graph/],
  ];
  for (const [spoil, message] of cases) {
    const spoilt = structuredClone(manifest);
    spoil(spoilt);
    await writeFile(join(directory, 'model.json'), JSON.stringify(spoilt));
    await assert.rejects(openPackage(base, { name: 'tiny' }), { code: 'PACKAGE_MANIFEST', message });
  }
});

test('a card’s tail is verified as the other graphs are, and its weights are the featurizer’s', async (t) => {
  const base = await temporaryDirectory(t);
  const directory = await writeCardPackage(base);
  const { manifest } = await openPackage(base, { name: 'tiny' });
  const session = await ort.InferenceSession.create(join(directory, manifest.device!.tail!));
  const given = Float32Array.from({ length: 147 }, (_, index) => index % 3);
  const { [FEATURES]: features } = await session.run({ [CARD_OUTPUT]: new ort.Tensor('float32', given, [1, 7, 7, 3]) });
  assert.deepEqual([...(features!.data as Float32Array)], [0, 0.5, 8]);
  await session.release();

  const relu = chainGraph({ operators: [['', 'Relu']] }, [-1, 1, 1, 3]);
  await writeCardPackage(base, { files: { 'tail.onnx': relu } });
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_TENSOR_NAME',
    message: /tail\.onnx: input name: expected pool, found in$/,
  });
  await writeCardPackage(base, { files: { 'featurizer.onnx': weightedFeaturizer([1, 2]).file } });
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_WEIGHTS',
    message: /tail\.onnx: external_data of gain: expected /,
  });
  // A featurizer that was made anew, without the tensor: its bytes must not become the tail's weights.
  await writeCardPackage(base, { files: { 'featurizer.onnx': tinyFeaturizer() } });
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_WEIGHTS',
    message: /tail\.onnx: external_data of gain: expected gain among the weights of featurizer\.onnx, found none$/,
  });
});

test('a device section that does not fit the model is refused with the field, what was expected and what was found', async (t) => {
  const base = await temporaryDirectory(t);
  // biome-ignore lint/suspicious/noExplicitAny: each case spoils one field of a valid manifest.
  const cases: [(m: any) => void, RegExp, string?][] = [
    [
      (m) => (m.device.input.shape = [1, 229, 229, 3]),
      /device\.input\.shape: expected rows, columns and 3 channels of the recipe's 224x224, with .*, found \[1,229,229,3\]$/,
    ],
    [(m) => (m.device.input.shape = [1, 230, 228, 3]), /device\.input\.shape: .*found \[1,230,228,3\]$/],
    [(m) => (m.device.input.shape = [1, 222, 222, 3]), /device\.input\.shape: /],
    [(m) => (m.device.input.shape = [1, 3, 224, 224]), /device\.input\.shape: /],
    [(m) => (m.device.input.shape = [1, 224, 224]), /device\.input\.shape: /],
    [
      (m) => delete m.device.tail,
      /device\.output: expected resnet_v1_50\/pool5:0 \[-1,1,1,3\], the featurizer's, as there is no tail, found pool \[1,7,7,3\]$/,
    ],
    [(m) => (m.device.tail = 'other.onnx'), /device\.tail: other\.onnx is not in "files", which/, 'PACKAGE_MANIFEST'],
    [
      (m) => (m.device.output.shape = [1, 7, 8, 3]),
      /tail\.onnx: shape of pool: expected \[1,7,8,3\], found \[batch,7,7,3\]$/,
      'PACKAGE_TENSOR_SHAPE',
    ],
    [(m) => (m.device.output.shape = [2, 7, 7, 3]), /device\.output\.shape: expected a batch/, 'PACKAGE_MANIFEST'],
  ];
  for (const [spoil, message, code = 'PACKAGE_DEVICE'] of cases) {
    const alter = (manifest: ModelManifest) => {
      spoil(manifest);
      return manifest;
    };
    await writeCardPackage(base, { alter });
    await assert.rejects(openPackage(base, { name: 'tiny' }), { code, message });
  }
  const whole = ({ featurizer, ...manifest }: ModelManifest) => {
    const output = { ...featurizer.outputs[0]!, shape: [1, 1, 1, 3] };
    return { ...manifest, featurizer, device: { input: featurizer.input, output } };
  };
  await writeCardPackage(base, { alter: whole });
  await openPackage(base, { name: 'tiny' });
});

test('a card gives one tensor, so a detector on it needs a tail', async (t) => {
  const base = await temporaryDirectory(t);
  const path = join(await writeSsdPackage(base), 'model.json');
  const { digest: _, ...manifest } = JSON.parse(await readFile(path, 'utf8'));
  const { input, outputs } = manifest.featurizer;
  await writeFile(path, JSON.stringify({ ...manifest, device: { input, output: outputs[0] } }));
  await assert.rejects(openPackage(base, { name: 'tiny' }), {
    code: 'PACKAGE_DEVICE',
    message: /device\.tail: expected a graph that makes the featurizer's 12 outputs of the card's, found none$/,
  });
});
