import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { fakeHouse } from '../doors.fixture.js';
import { scoringError } from '../errors.js';
import type { ModelReference } from '../model/model-id.js';
import type { SwapOutcome } from '../slot/slot-state.js';
import { GrpcDoor } from './grpc-door.js';
import { MODEL_SERVICE, refusal, StockClient } from './stock-client.fixture.js';

const house = fakeHouse();
const normal = { model: house.model, state: house.state, pending: undefined, history: [] };
const door = new GrpcDoor(house.context);
const client = new StockClient(await door.listen('127.0.0.1', 0));
after(async () => {
  client.close();
  await door.stop(1000);
});
const wishes: string[] = [];
const outcome = (fields: Partial<SwapOutcome>): SwapOutcome => ({
  id: 1,
  to: 'belt-object:3',
  requestedBy: 'rpc',
  result: 'loaded',
  durations: {},
  at: '2026-01-01T00:00:00Z',
  ...fields,
});
beforeEach(() => {
  Object.assign(house, normal);
  wishes.length = 0;
  ending({});
});

/** How the next wishes end. */
function ending(fields: Partial<SwapOutcome>): void {
  house.aspire = async ({ name, version }: ModelReference, by) => {
    wishes.push(`${name}:${version ?? 'latest'} by ${by}`);
    return outcome(fields);
  };
}

const failed = (error: Error & { code: string }, fields: Partial<SwapOutcome> = {}) =>
  outcome({ result: 'failed', error: { code: error.code, text: error.message }, ...fields });
const altered = scoringError('PACKAGE_FILE_MISSING', 'featurizer.onnx');

const statusOf = (modelSpec?: object) => client.call(MODEL_SERVICE, 'GetModelStatus', modelSpec ? { modelSpec } : {});
const reload = (...config: object[]) =>
  client.call(MODEL_SERVICE, 'HandleReloadConfigRequest', { config: { modelConfigList: { config } } });
const OK = { errorCode: 'OK', errorMessage: '' };

async function refuses(answer: Promise<unknown>, code: status, details: string | RegExp): Promise<void> {
  const error = await refusal(answer);
  assert.equal(status[error.code], status[code], error.details);
  if (typeof details === 'string') assert.equal(error.details, details);
  else assert.match(error.details, details);
}

test('GetModelStatus tells state, error code and text of each version, the newest first', async () => {
  house.history = [failed(altered, { to: 'belt-object:4', from: 'belt-object:2' }), outcome({})];
  const four = {
    version: '4',
    state: 'END',
    status: { errorCode: 'FAILED_PRECONDITION', errorMessage: altered.message },
  };
  const three = { version: '3', state: 'AVAILABLE', status: OK };
  const all = [four, three, { version: '2', state: 'END', status: OK }];
  assert.deepEqual(await statusOf({ name: 'belt-object' }), { modelVersionStatus: all });
  assert.deepEqual(await statusOf({ name: 'belt-object', version: { value: 4 } }), { modelVersionStatus: [four] });
  assert.deepEqual(await statusOf({ name: 'belt-object', versionLabel: 'stable' }), { modelVersionStatus: all });
  for (const unnamed of [undefined, {}]) assert.deepEqual(await statusOf(unnamed), { modelVersionStatus: all });
});

test('what nothing was heard of is NOT_FOUND', async () => {
  await refuses(statusOf({ name: 'x' }), status.NOT_FOUND, 'Could not find any versions of model x');
  const seven = { name: 'belt-object', version: { value: 7 } };
  await refuses(statusOf(seven), status.NOT_FOUND, 'Could not find version 7 of model belt-object');
});

test('a module that starts shows the version it was started with', async () => {
  house.state = { state: 'START', since: '2026-01-01T00:00:00Z' };
  house.pending = { name: 'belt-object', version: 3 };
  assert.deepEqual(await statusOf(), { modelVersionStatus: [{ version: '3', state: 'START', status: OK }] });
});

test('HandleReloadConfigRequest wishes for the model, the latest or the version asked for', async () => {
  assert.deepEqual(await reload({ name: 'belt-object' }), { status: OK, metric: [] });
  const basePath = '/models/belt-object/';
  await reload({ name: 'belt-object', basePath, modelPlatform: 'tensorflow', modelVersionPolicy: { latest: {} } });
  await reload({ name: 'm', modelType: 'TENSORFLOW', modelVersionPolicy: { specific: { versions: [12] } } });
  assert.deepEqual(wishes, ['belt-object:latest by rpc', 'belt-object:latest by rpc', 'm:12 by rpc']);
  ending({ result: 'unchanged' });
  assert.deepEqual((await reload({ name: 'belt-object' })).status, OK);
});

test('a config that one slot cannot fulfil is refused before anything is wished for', async () => {
  const request = (config?: object) =>
    client.call(MODEL_SERVICE, 'HandleReloadConfigRequest', config ? { config } : {});
  const type = /^ServerModelConfig type not supported by HandleReloadConfigRequest/;
  await refuses(request(), status.INVALID_ARGUMENT, type);
  await refuses(request({}), status.INVALID_ARGUMENT, type);
  await refuses(request({ customModelConfig: { type_url: 'x' } }), status.INVALID_ARGUMENT, type);
  const invalid = async (details: RegExp, ...models: object[]) =>
    refuses(reload(...models), status.INVALID_ARGUMENT, details);
  const m = { name: 'm' };
  await invalid(/the number of models is 0; expected 1/);
  await invalid(/the number of models is 2; expected 1/, m, { name: 'n' });
  await invalid(/name is ""; expected letters/, {});
  await invalid(/name is "..\/m"; expected letters/, { name: '../m' });
  await invalid(/model_platform is "onnx"; expected "tensorflow"/, { ...m, modelPlatform: 'onnx' });
  await invalid(/model_type is 2/, { ...m, modelType: 'OTHER' });
  await invalid(/model_version_policy is all/, { ...m, modelVersionPolicy: { all: {} } });
  await invalid(/model_version_policy is the latest 2/, { ...m, modelVersionPolicy: { latest: { numVersions: 2 } } });
  for (const versions of [[], [1, 2], [-1]]) {
    const specific = new RegExp(`model_version_policy is specific \\[${versions.join(', ')}\\]`);
    await invalid(specific, { ...m, modelVersionPolicy: { specific: { versions } } });
  }
  const labelled = { name: 'belt-object', versionLabels: { stable: 3 } };
  await invalid(/version_labels\["stable"\] is 3; expected none/, labelled);
  await refuses(
    reload({ ...labelled, versionLabels: { canary: 4 } }),
    status.FAILED_PRECONDITION,
    'Request to assign label to version 4 of model belt-object, which is not currently available for inference',
  );
  await refuses(
    reload({ ...m, basePath: '/elsewhere/m' }),
    status.NOT_FOUND,
    'Could not find base path /elsewhere/m for servable m; expected /models/m, or none',
  );
  assert.deepEqual(wishes, []);
});

test('a wish that fails is told in TensorFlow Serving’s words', async () => {
  const error = { code: altered.code, text: altered.message };
  for (const result of ['failed', 'restored'] as const) {
    ending({ result, to: 'm:4', error });
    const text = `1 model(s) did not become available: {{{name: m version: 4} due to error: FAILED_PRECONDITION: ${altered.message}}, }`;
    await refuses(reload({ name: 'm' }), status.UNKNOWN, text);
  }
  ending({ result: 'superseded', to: 'm:4' });
  await refuses(
    reload({ name: 'm' }),
    status.UNKNOWN,
    /\{name: m\} due to error: ABORTED: another model was asked for/,
  );
  const missing = scoringError('MODEL_NOT_FOUND', 'm', '/models', 'belt-object:3');
  ending({ result: 'failed', to: 'm', error: { code: missing.code, text: missing.message } });
  await refuses(reload({ name: 'm' }), status.NOT_FOUND, missing.message);
  const stopping = scoringError('STOPPING');
  ending({ result: 'failed', to: 'm', error: { code: stopping.code, text: stopping.message } });
  await refuses(reload({ name: 'm' }), status.UNAVAILABLE, stopping.message);
});

test('a caller waits as long as its deadline, and the wish goes on', async () => {
  let grant = () => {};
  const granted = new Promise<void>((resolve) => {
    grant = resolve;
  });
  house.aspire = async () => {
    await granted;
    return outcome({});
  };
  const body = client.encode(MODEL_SERVICE, 'HandleReloadConfigRequest', {
    config: { modelConfigList: { config: [{ name: 'm' }] } },
  });
  const wait = client.send(MODEL_SERVICE, 'HandleReloadConfigRequest', body, { deadline: Date.now() + 100 });
  await refuses(wait, status.DEADLINE_EXCEEDED, /./);
  const patient = client.send(MODEL_SERVICE, 'HandleReloadConfigRequest', body);
  grant();
  assert.deepEqual((await patient).status, OK);
});

test('a body that is no request is INVALID_ARGUMENT', async () => {
  for (const name of ['GetModelStatus', 'HandleReloadConfigRequest']) {
    await refuses(
      client.send(MODEL_SERVICE, name, Buffer.from([0x0a, 200, 1])),
      status.INVALID_ARGUMENT,
      /^request is malformed: /,
    );
  }
});
