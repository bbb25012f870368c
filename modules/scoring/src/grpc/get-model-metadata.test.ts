import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import {
  DataType,
  decodeGetModelMetadataResponse,
  type GetModelMetadataResponse,
  getModelMetadataServerMethod,
} from '@edgeslot/tensorflow-serving';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { fakeHouse, model, OUTPUT } from '../doors.fixture.js';
import { GrpcDoor } from './grpc-door.js';

// A client that shares nothing with the door: protobufjs' reflection over the published .proto texts.
const require = createRequire(import.meta.url);
const text = require.resolve('@edgeslot/tensorflow-serving/proto/tensorflow_serving/apis/get_model_metadata.proto');
const protobuf = createRequire(text)('protobufjs') as typeof import('protobufjs');
const root = new protobuf.Root();
root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : join(text, '../../..', target));
root.loadSync('tensorflow_serving/apis/get_model_metadata.proto');
root.addJSON(protobuf.common.get('google/protobuf/struct.proto')!.nested!);
const StockRequest = root.lookupType('tensorflow.serving.GetModelMetadataRequest');
const StockSignatures = root.lookupType('tensorflow.serving.SignatureDefMap');
const StockStruct = root.lookupType('google.protobuf.Struct');

const house = fakeHouse();
const normal = { model: house.model, state: house.state };
const door = new GrpcDoor(house.context);
const port = await door.listen('127.0.0.1', 0);
const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
after(async () => {
  client.close();
  await door.stop(1000);
});
beforeEach(() => {
  Object.assign(house, normal);
  house.logged.length = 0;
});

function send(body: Uint8Array): Promise<GetModelMetadataResponse> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      getModelMetadataServerMethod.path,
      (bytes: Buffer) => bytes,
      decodeGetModelMetadataResponse,
      Buffer.from(body),
      (error, response) => (error ? reject(error) : resolve(response!)),
    );
  });
}

const ask = (request: object) => send(StockRequest.encode(request).finish());

async function refused(answer: Promise<unknown>): Promise<ServiceError> {
  return await answer.then(
    () => assert.fail('was answered'),
    (error: ServiceError) => error,
  );
}

async function refuses(request: object, code: status, details: string): Promise<void> {
  const error = await refused(ask(request));
  assert.deepEqual([status[error.code], error.details], [status[code], details]);
}

test('signature_def is answered as TensorFlow Serving answers it: aliases, tensor names, types, shapes', async () => {
  const modelSpec = { name: 'belt-object', signatureName: 'not looked at' };
  const response = await ask({ modelSpec, metadataField: ['signature_def', 'signature_def'] });
  assert.deepEqual(response.modelSpec, { name: 'belt-object', version: 3, signatureName: '' });
  assert.deepEqual([...response.metadata.keys()], ['signature_def']);
  const { typeUrl, value } = response.metadata.get('signature_def')!;
  assert.equal(typeUrl, 'type.googleapis.com/tensorflow.serving.SignatureDefMap');
  const tensor = (name: string, dtype: number, sizes: readonly number[]) => ({
    name,
    dtype,
    tensorShape: { dim: sizes.map((size) => ({ size })) },
  });
  assert.deepEqual(StockSignatures.toObject(StockSignatures.decode(value), { longs: Number }), {
    signatureDef: {
      serving_default: {
        inputs: { images: tensor('Placeholder:0', DataType.DT_STRING, [-1]) },
        outputs: { output_alias: tensor(OUTPUT, DataType.DT_FLOAT, [-1, 3]) },
        methodName: 'tensorflow/serving/predict',
      },
    },
  });
});

test('edgeslot tells numerics, network, recipe and device', async () => {
  const own = async () => {
    const response = await ask({ metadataField: ['signature_def', 'edgeslot'] });
    assert.deepEqual([...response.metadata.keys()], ['signature_def', 'edgeslot']);
    const { typeUrl, value } = response.metadata.get('edgeslot')!;
    assert.equal(typeUrl, 'type.googleapis.com/google.protobuf.Struct');
    return (StockStruct.decode(value).toJSON() as { fields: Record<string, unknown> }).fields;
  };
  const numbers = (values: readonly number[]) => ({ listValue: { values: values.map((n) => ({ numberValue: n })) } });
  assert.deepEqual(await own(), {
    numerics: { stringValue: 'float32' },
    network: { stringValue: 'resnet50' },
    preprocessing: {
      structValue: {
        fields: {
          resize: {
            structValue: {
              fields: {
                mode: { stringValue: 'aspect-crop' },
                shortSide: { numberValue: 256 },
                height: { numberValue: 224 },
                width: { numberValue: 224 },
              },
            },
          },
          interpolation: { stringValue: 'bilinear-legacy' },
          channels: { stringValue: 'BGR' },
          mean: numbers([123.68, 116.779, 103.939]),
          scale: { numberValue: 1 },
          layout: { stringValue: 'NHWC' },
        },
      },
    },
    device: { stringValue: 'emulator' },
  });
  const numericsDetail = { format: 'ms-fp11', exponentBits: 5, mantissaBits: 5, block: 128, activations: true };
  house.model = { ...model, manifest: { ...model.manifest, numerics: 'ms-fp', numericsDetail } };
  const { numerics, numericsDetail: detail } = await own();
  assert.deepEqual(numerics, { stringValue: 'ms-fp' });
  assert.deepEqual(detail, {
    structValue: {
      fields: {
        format: { stringValue: 'ms-fp11' },
        exponentBits: { numberValue: 5 },
        mantissaBits: { numberValue: 5 },
        block: { numberValue: 128 },
        activations: { boolValue: true },
      },
    },
  });
});

test('models are named as in Predict', async () => {
  const metadataField = ['signature_def'];
  for (const modelSpec of [undefined, {}, { name: 'belt-object' }, { version: { value: 3 } }]) {
    const response = await ask({ metadataField, ...(modelSpec && { modelSpec }) });
    assert.equal(response.modelSpec?.version, 3);
  }
  const refusedSpec = (modelSpec: object, code: status, details: string) =>
    refuses({ metadataField, modelSpec }, code, details);
  await refusedSpec({ name: 'x' }, status.NOT_FOUND, 'Servable not found for request: Latest(x)');
  const old = { name: 'belt-object', version: { value: 2 } };
  await refusedSpec(old, status.NOT_FOUND, 'Servable not found for request: Specific(belt-object, 2)');
  const labelled = { name: 'belt-object', versionLabel: 'stable' };
  await refusedSpec(labelled, status.INVALID_ARGUMENT, 'Unrecognized servable version label: stable');
});

test('no field and unknown fields are INVALID_ARGUMENT, whatever is loaded', async () => {
  for (const loaded of [model, undefined]) {
    house.model = loaded;
    await refuses(
      {},
      status.INVALID_ARGUMENT,
      'GetModelMetadataRequest must specify at least one metadata_field: signature_def or edgeslot',
    );
    await refuses(
      { metadataField: ['signature_def', 'numerics'] },
      status.INVALID_ARGUMENT,
      'Metadata field numerics is not supported; expected signature_def or edgeslot',
    );
  }
});

test('without a model the answer is UNAVAILABLE and says when to come back', async () => {
  house.model = undefined;
  house.state = { state: 'LOADING', since: '2026-01-01T00:00:00Z' };
  const error = await refused(ask({ metadataField: ['edgeslot'] }));
  assert.equal(error.code, status.UNAVAILABLE);
  assert.ok(Number(error.metadata.get('grpc-retry-pushback-ms')[0]) > 0);
});

test('hostile bodies are INVALID_ARGUMENT or name no model, and the door goes on answering', async () => {
  const valid = StockRequest.encode({ modelSpec: { name: 'm' }, metadataField: ['edgeslot'] }).finish();
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(valid.length - 1),
      fc.nat(255),
      async (noise, at, value) => {
        const altered = Uint8Array.from(valid);
        altered[at] = value;
        for (const body of [noise, valid.subarray(0, at), altered]) {
          const code = await send(body).then(
            () => status.OK,
            (error: ServiceError) => error.code,
          );
          assert.ok([status.OK, status.INVALID_ARGUMENT, status.NOT_FOUND].includes(code), status[code]);
        }
      },
    ),
    { numRuns: 200, seed: 9 },
  );
  assert.deepEqual(house.logged, []);
  assert.equal((await ask({ metadataField: ['edgeslot'] })).modelSpec?.version, 3);
});
