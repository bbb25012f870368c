import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { fakeHouse, model, OUTPUT, probabilities } from '../../doors.fixture.js';
import { scoringError } from '../../errors.js';
import { HttpDoor } from '../http-door.js';

const house = fakeHouse(64 * 1024);
const normal = { score: house.score, model: house.model, state: house.state, history: house.history };
const door = new HttpDoor(house.context, () => {});
const port = await door.listen('127.0.0.1', 0);
after(() => door.stop(1000));
beforeEach(() => {
  Object.assign(house, normal);
  house.requests.length = 0;
});

const url = `http://127.0.0.1:${port}/v1/models`;
const b64 = Buffer.from('\xff\xd8 picture', 'latin1').toString('base64');
const expected = [...probabilities];

const post = (body: unknown, path = '/belt-object:predict') =>
  fetch(`${url}${path}`, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

async function json(answer: Promise<Response>, status = 200): Promise<unknown> {
  const response = await answer;
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  return JSON.parse(text);
}

async function refused(answer: Promise<Response>, status: number, text: RegExp): Promise<void> {
  const { error, ...more } = (await json(answer, status)) as { error: string };
  assert.match(error, text);
  assert.deepEqual(more, {});
}

test('row form: instances with or without the name, predictions without', async () => {
  for (const instances of [
    [{ b64 }, { b64 }],
    [{ images: { b64 } }, { images: { b64 } }],
  ]) {
    assert.deepEqual(await json(post({ instances })), { predictions: [expected, expected] });
  }
  assert.deepEqual(
    house.requests.map(({ model }) => model),
    [{ name: 'belt-object' }, { name: 'belt-object' }],
  );
});

test('columnar form: inputs as a list, alone, or by alias or tensor name', async () => {
  for (const inputs of [[{ b64 }], { b64 }, { images: [{ b64 }] }, { 'Placeholder:0': [{ b64 }] }]) {
    assert.deepEqual(await json(post({ signature_name: 'serving_default', inputs })), { outputs: [expected] });
  }
});

test('several outputs go by their names', async () => {
  const outputs = {
    boxes: { tensor: 'b:0', dtype: 'float', shape: [-1, 2] },
    classes: { tensor: 'c:0', dtype: 'float', shape: [-1] },
  };
  const { signature } = model.manifest;
  const detector = { ...model, manifest: { ...model.manifest, signature: { ...signature, outputs } } } as typeof model;
  house.model = detector;
  house.score = () => ({
    model: detector,
    outputs: [
      { name: 'b:0', shape: [1, 2], data: Float32Array.of(0.5, 0.25) },
      { name: 'c:0', shape: [1], data: Float32Array.of(7) },
    ],
    timings: { queue: 0, decode: 0, sample: 0, featurize: 0, classify: 0, total: 0 },
  });
  assert.deepEqual(await json(post({ instances: [{ b64 }] })), { predictions: [{ boxes: [0.5, 0.25], classes: 7 }] });
  assert.deepEqual(await json(post({ inputs: { 'Placeholder:0': [{ b64 }] } })), {
    outputs: { 'b:0': [[0.5, 0.25]], 'c:0': [7] },
  });
});

test('a version may be named; the path is read without regard to case', async () => {
  assert.deepEqual(await json(post({ instances: [{ b64 }] }, '/belt-object/VERSIONS/3:Predict')), {
    predictions: [expected],
  });
  assert.deepEqual(house.requests[0]!.model, { name: 'belt-object', version: 3 });
});

test('float pictures are taken as nested lists', async () => {
  const row = [[[1, 2, 3]]];
  await json(post({ instances: [row, row] }));
  const { input } = house.requests[0]!;
  assert.ok(input.kind === 'tensor');
  assert.deepEqual(input.shape, [2, 1, 1, 3]);
});

test('bad bodies are refused in TensorFlow Serving’s words, before the scorer', async () => {
  const cases: readonly [unknown, RegExp][] = [
    ['', /^JSON Parse error: .* at offset: 0$/],
    ['{', /^JSON Parse error: /],
    ['[]', /^Missing 'inputs' or 'instances' key$/],
    [{}, /^Missing 'inputs' or 'instances' key$/],
    [{ instances: [], inputs: [] }, /found both/],
    [{ instances: [] }, /'instances' must be a list with at least one element/],
    [{ instances: [{ b64 }], signature_name: 'other' }, /^Serving signature name: "other" not found in signature def/],
    [{ instances: [{ b64 }], signature_name: 1 }, /'signature_name' key must be a string value/],
    [{ instances: [{ images: { b64 }, more: 1 }] }, /names 2 inputs; expected one/],
    [{ instances: [{ images: { b64 } }, { b64 }] }, /element 1 names no input/],
    [{ instances: [{ images: { b64 } }, { other: { b64 } }] }, /element: 1 key: other/],
    [{ inputs: { wrong: { b64 } } }, /Signature input alias: images\(feed name: Placeholder:0\) not found/],
    [{ inputs: {} }, /names 0 inputs/],
    [{ instances: [{ b64: 'a_b=' }] }, /^Unable to base64 decode/],
    [{ instances: Array.from({ length: 65 }, () => ({ b64 })) }, /Expected \[N\] with N from 1 to 64, got \[65\]/],
    [{ inputs: 1 }, /Expected \[N,…\] with N from 1 to 64, got \[\]/],
  ];
  for (const [body, text] of cases) await refused(post(body), 400, text);
  assert.equal(house.requests.length, 0);
  await refused(post(' '.repeat(70_000)), 413, /^Received message larger than max/);
});

test('refusals of the house keep their status; long texts are cut', async () => {
  house.score = () => Promise.reject(scoringError('QUEUE_FULL', 64));
  const busy = await post({ instances: [{ b64 }] });
  assert.equal(busy.status, 503);
  assert.equal(busy.headers.get('retry-after'), '1');
  assert.deepEqual(Object.keys((await busy.json()) as object), ['error']);
  house.score = () => Promise.reject(scoringError('REQUEST_MALFORMED', 'x'.repeat(5000)));
  await refused(post({ instances: [{ b64 }] }), 400, /^request is malformed: x{100,1024}\.\.\.TRUNCATED$/);
});

test('status tells every version, and one that is asked for', async () => {
  const available = { version: '3', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } };
  assert.deepEqual(await json(fetch(`${url}/belt-object`)), { model_version_status: [available] });
  const error = { code: 'PACKAGE_DIGEST', text: 'featurizer.onnx was altered' };
  house.history = [
    {
      id: 1,
      to: 'belt-object:4',
      requestedBy: 'twin',
      result: 'restored',
      error,
      durations: {},
      at: '2026-01-01T00:00:00Z',
    },
  ];
  const failed = {
    version: '4',
    state: 'END',
    status: { error_code: 'FAILED_PRECONDITION', error_message: error.text },
  };
  assert.deepEqual(await json(fetch(`${url}/belt-object`)), { model_version_status: [failed, available] });
  assert.deepEqual(await json(fetch(`${url}/belt-object/versions/4`)), { model_version_status: [failed] });
  await refused(fetch(`${url}/belt-object/versions/7`), 404, /^Could not find version 7 of model belt-object$/);
  await refused(fetch(`${url}/other`), 404, /^Could not find any versions of model other$/);
});

test('metadata tells the signature', async () => {
  const { model_spec: spec, metadata } = (await json(fetch(`${url}/belt-object/versions/3/metadata`))) as {
    model_spec: object;
    metadata: {
      signature_def: { signature_def: Record<string, { inputs: object; outputs: object; method_name: string }> };
    };
  };
  assert.deepEqual(spec, { name: 'belt-object', signature_name: '', version: '3' });
  const { inputs, outputs, method_name: method } = metadata.signature_def.signature_def.serving_default!;
  const shape = (...sizes: string[]) => ({ dim: sizes.map((size) => ({ size, name: '' })), unknown_rank: false });
  assert.deepEqual(inputs, { images: { dtype: 'DT_STRING', tensor_shape: shape('-1'), name: 'Placeholder:0' } });
  assert.deepEqual(outputs, { output_alias: { dtype: 'DT_FLOAT', tensor_shape: shape('-1', '3'), name: OUTPUT } });
  assert.equal(method, 'tensorflow/serving/predict');
  await refused(fetch(`${url}/other/metadata`), 404, /^Servable not found for request: Latest\(other\)$/);
});

test('every other path and method is malformed, in TensorFlow Serving’s words', async () => {
  const cases: readonly [string, string][] = [
    ['GET', ''],
    ['GET', '/belt-object:predict'],
    ['POST', '/belt-object'],
    ['POST', '/belt-object/metadata'],
    ['DELETE', '/belt-object'],
    ['POST', '/belt-object/versions/x:predict'],
    ['POST', '/belt-object:run'],
    ['GET', '/a/b/c'],
  ];
  for (const [method, path] of cases) {
    await refused(
      fetch(`${url}${path}`, { method }),
      400,
      new RegExp(`^Malformed request: ${method} /v1/models${path}`),
    );
  }
  await refused(fetch(`${url}/belt-object/labels/stable`), 400, /^Unrecognized servable version label: stable$/);
  await refused(post({}, '/belt-object:classify'), 501, /^classify takes tensorflow.Example records/);
});
