import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame, sceneFrame } from '@edgeslot/camera/scene';
import { type ModelManifest, parseManifest } from '@edgeslot/scoring/model';
import { demoModels } from '../support/demo-models.js';
import { INPUT, OUTPUT } from '../support/predict-call.js';
import { ReferenceScorer } from '../support/reference-scores.js';
import { type ScoringServer, startScoringServer } from '../support/scoring-server.js';
import { type CallResult, makeCalls } from './support/call-plan.js';
import { type PythonEnvironment, stockClients } from './support/python-environment.js';

const CLASSES = ['empty belt', 'bottle standing', 'bottle fallen', 'carton'];
const SEED = 3_200_000;
const TOLERANCE = 1e-4;

describe('stock clients against edgeslot serve', () => {
  let environment: PythonEnvironment;
  let folder: string;
  let server: ScoringServer;
  let loaded: number;
  let manifest: ModelManifest;
  let expected: { frame: number[]; tensor: number[] };
  let frame: string;
  let spoilt: string;
  let tensor: string;

  before(async () => {
    environment = await stockClients();
    const models = await demoModels();
    loaded = models.object.version;
    const text = await readFile(join(models.object.directory, 'model.json'), 'utf8');
    manifest = parseManifest(text, 'model.json');
    folder = await mkdtemp(join(tmpdir(), 'edgeslot-stock-'));
    [frame, spoilt, tensor] = ['frame.jpg', 'spoilt.jpg', 'tensor.f32'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const jpeg = await renderFrame(SEED);
    const floats = Float32Array.from({ length: 224 * 224 * 3 }, (_, i) => ((i * 2_654_435_761) % 255) - 120);
    await writeFile(frame, jpeg);
    await writeFile(spoilt, jpeg.subarray(0, jpeg.length - 900));
    await writeFile(tensor, new Uint8Array(floats.buffer));
    const reference = await ReferenceScorer.open(models.object.directory);
    expected = {
      frame: [...(await reference.scores(jpeg))],
      tensor: [...(await reference.scoresOfTensor(floats))],
    };
    await reference.close();
    server = await startScoringServer(models.modelsDir, 'belt-object');
  });
  after(async () => {
    const ended = await server?.command.stop('SIGTERM');
    if (folder) await rm(folder, { recursive: true, force: true });
    assert.equal(ended?.code, 0, ended && `${ended.stdout}\n${ended.stderr}`);
  });

  const near = (actual: readonly number[] | undefined, wanted: readonly number[]) => {
    assert.equal(actual?.length, wanted.length);
    for (const [i, value] of wanted.entries()) {
      assert.ok(Math.abs(actual![i]! - value) <= TOLERANCE, `class ${i}: ${actual![i]} against ${value}`);
    }
  };
  const answered = (result: CallResult | undefined) => {
    assert.equal(result?.error, undefined, result?.text);
    assert.equal(result?.retries, 0);
    return result!;
  };
  const refusedAtOnce = (result: CallResult | undefined, text: RegExp) => {
    assert.equal(result?.error, 'INVALID_ARGUMENT', result?.text);
    assert.match(result?.text ?? '', text);
    assert.equal(result?.retries, 0, 'it was tried again');
  };

  it("Microsoft's PredictionClient scores a file and an array, and is refused bad input at once", async () => {
    const shape = [1, 224, 224, 3];
    const calls = [
      { do: 'score_file', path: frame, input: INPUT, outputs: OUTPUT },
      { do: 'score_file', path: frame, input: INPUT },
      { do: 'score_file', path: frame, input: 'images', outputs: 'output_alias' },
      { do: 'score_numpy_arrays', path: tensor, shape, input: INPUT, outputs: OUTPUT },
      { do: 'score_file', path: spoilt, input: INPUT, outputs: OUTPUT },
      { do: 'score_file', path: frame, input: 'wrong:0', outputs: OUTPUT },
      { do: 'score_numpy_arrays', path: tensor, shape: [3, 224, 224], input: INPUT, outputs: OUTPUT },
      { do: 'score_file', path: frame, input: INPUT, outputs: OUTPUT },
    ];
    const results = await makeCalls(environment, {
      script: 'accelerated_models_client.py',
      server: server.grpc,
      folder,
      calls,
    });
    const [file, only, alias, array, badPicture, badName, badShape, last] = results;
    for (const result of [file, only, alias, last]) {
      assert.deepEqual(answered(result).shape, [4]); // it takes the batch away
      near(result?.values, expected.frame);
    }
    assert.deepEqual(answered(array).shape, [1, 4]);
    near(array?.values, expected.tensor);
    refusedAtOnce(badPicture, /Invalid JPEG data/);
    refusedAtOnce(badName, /wrong:0/);
    refusedAtOnce(badShape, /224/);
    const best = file!.values!.indexOf(Math.max(...file!.values!));
    assert.equal(CLASSES[best], sceneFrame(SEED).object);
  });

  it("TensorFlow Serving's stubs score under aliases and tensor names, one and a batch", async () => {
    const model = 'belt-object';
    const calls = [
      { do: 'pictures', path: frame, input: 'images', model, signature: 'serving_default' },
      { do: 'pictures', path: frame, input: INPUT, model, version: loaded, outputs: [OUTPUT] },
      { do: 'pictures', path: frame, input: 'images', model, copies: 3 },
      { do: 'array', path: tensor, shape: [1, 224, 224, 3], input: 'images', model },
      { do: 'pictures', path: frame, input: 'images' },
      { do: 'pictures', path: frame, input: 'images', model: 'resnet' },
      { do: 'pictures', path: frame, input: 'images', model, version: loaded + 1 },
      { do: 'integers', input: 'images', model },
      { do: 'pictures', path: frame, input: 'images', model, outputs: ['logits'] },
      { do: 'pictures', path: spoilt, input: 'images', model },
    ];
    const results = await makeCalls(environment, {
      script: 'tensorflow_serving_client.py',
      server: server.grpc,
      folder,
      calls,
    });
    const [alias, named, batch, array, unnamed, unknown, version, integers, filter, badPicture] = results;
    assert.deepEqual(answered(alias).model, { name: model, version: loaded, signature: 'serving_default' });
    assert.deepEqual(Object.keys(alias?.outputs ?? {}), ['output_alias']);
    near(alias?.outputs?.output_alias?.values, expected.frame);
    near(answered(named).outputs?.[OUTPUT]?.values, expected.frame);
    assert.deepEqual(answered(batch).outputs?.output_alias?.shape, [3, 4]);
    near(batch?.outputs?.output_alias?.values, [...expected.frame, ...expected.frame, ...expected.frame]);
    near(answered(array).outputs?.output_alias?.values, expected.tensor);
    near(answered(unnamed).outputs?.output_alias?.values, expected.frame);
    assert.deepEqual([unknown?.error, unknown?.text], ['NOT_FOUND', 'Servable not found for request: Latest(resnet)']);
    assert.deepEqual(
      [version?.error, version?.text],
      ['NOT_FOUND', `Servable not found for request: Specific(belt-object, ${loaded + 1})`],
    );
    refusedAtOnce(integers, /int32/);
    refusedAtOnce(filter, /output tensor alias not found in signature: logits/);
    refusedAtOnce(badPicture, /Invalid JPEG data/);
  });

  it("TensorFlow Serving's stubs read what the model takes and answers, and its numerics", async () => {
    const calls = [
      { do: 'metadata', fields: ['signature_def'], model: 'belt-object' },
      { do: 'metadata', fields: ['edgeslot', 'signature_def'], model: 'belt-object', version: loaded },
      { do: 'metadata', fields: [], model: 'belt-object' },
      { do: 'metadata', fields: ['graph'], model: 'belt-object' },
      { do: 'metadata', fields: ['signature_def'], model: 'resnet' },
    ];
    const [stock, own, none, other, unknown] = await makeCalls(environment, {
      script: 'tensorflow_serving_client.py',
      server: server.grpc,
      folder,
      calls,
    });
    const signature_def = {
      serving_default: {
        inputs: { images: { name: INPUT, dtype: 'string', shape: [-1] } },
        outputs: { output_alias: { name: OUTPUT, dtype: 'float32', shape: [-1, CLASSES.length] } },
        method: 'tensorflow/serving/predict',
      },
    };
    assert.deepEqual(answered(stock).model, { name: 'belt-object', version: loaded, signature: '' });
    assert.deepEqual(stock?.metadata, { signature_def });
    const { edgeslot, ...rest } = answered(own).metadata ?? {};
    assert.deepEqual(rest, { signature_def });
    const { numerics, network, preprocessing } = manifest;
    assert.deepEqual(edgeslot, { numerics, network, preprocessing, device: 'emulator' });
    refusedAtOnce(none, /must specify at least one metadata_field/);
    refusedAtOnce(other, /^Metadata field graph is not supported/);
    assert.deepEqual([unknown?.error, unknown?.text], ['NOT_FOUND', 'Servable not found for request: Latest(resnet)']);
  });
});
