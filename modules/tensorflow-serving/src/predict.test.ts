import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DataType } from './data-type.js';
import {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequest,
} from './predict.js';
import { predictServerMethod } from './prediction-service.js';
import * as stock from './reflection.fixture.js';
import type { TensorProto } from './tensor-proto.js';

const name = fc.string({ maxLength: 20, unit: 'grapheme' });
const floats = fc.array(fc.float({ noNaN: true }), { maxLength: 40 });
const blobs = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 5 });
const shape = fc.array(fc.integer({ min: -1, max: 300 }), { maxLength: 5 });
const version = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 2 ** 40 }));

const anyTensor: fc.Arbitrary<TensorProto> = fc
  .record({
    dtype: fc.constantFrom(...Object.values(DataType)),
    shape: fc.oneof(shape, fc.constant(undefined)),
    floats,
    blobs,
    content: fc.uint8Array({ maxLength: 40 }),
  })
  .map(({ dtype, shape, floats, blobs, content }) => ({
    dtype,
    shape,
    ...(floats.length > 0 && { floatVal: Float32Array.from(floats) }),
    ...(blobs.length > 0 && { stringVal: blobs }),
    ...(content.length > 0 && { tensorContent: content }),
  }));

const anyRequest: fc.Arbitrary<PredictRequest> = fc
  .record({
    name,
    signatureName: name,
    version,
    withSpec: fc.boolean(),
    inputs: fc.array(fc.tuple(name, anyTensor), { maxLength: 3 }),
    outputFilter: fc.array(name, { maxLength: 3 }),
  })
  .map(({ name, signatureName, version, withSpec, inputs, outputFilter }) => ({
    inputs: new Map(inputs),
    outputFilter,
    ...(withSpec && { modelSpec: { name, signatureName, ...(version !== undefined && { version }) } }),
  }));

test('a request survives its own encoder and decoder', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      assert.deepEqual(plain(decodePredictRequest(encodePredictRequest(request))), plain(request));
    }),
  );
});

test('a decoder made from the .proto texts reads what ours writes', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const read = stock.PredictRequest.toObject(stock.PredictRequest.decode(encodePredictRequest(request)), {
        longs: Number,
        defaults: true,
      });
      assert.deepEqual(Object.keys(read.inputs).sort(), [...request.inputs.keys()].sort());
      assert.deepEqual(read.outputFilter, request.outputFilter);
      for (const [key, tensor] of request.inputs) {
        const other = read.inputs[key];
        assert.equal(other.dtype, tensor.dtype);
        assert.equal(other.tensorShape.unknownRank, tensor.shape === undefined);
        assert.deepEqual(
          other.tensorShape.dim.map((dim: { size: number }) => dim.size),
          tensor.shape ?? [],
        );
        assert.deepEqual(Float32Array.from(other.floatVal), tensor.floatVal ?? new Float32Array());
        assert.deepEqual(other.stringVal.map(hex), (tensor.stringVal ?? []).map(hex));
        assert.equal(hex(other.tensorContent), hex(tensor.tensorContent ?? new Uint8Array()));
      }
      if (request.modelSpec) {
        assert.equal(read.modelSpec.name, request.modelSpec.name);
        assert.equal(read.modelSpec.signatureName, request.modelSpec.signatureName);
        assert.equal(read.modelSpec.version?.value ?? undefined, request.modelSpec.version);
      }
    }),
  );
});

test('ours reads what an encoder made from the .proto texts writes', () => {
  fc.assert(
    fc.property(name, name, floats, blobs, shape, (key, filter, floatVal, stringVal, dims) => {
      const bytes = stock.PredictRequest.encode({
        modelSpec: { name: key, versionLabel: filter },
        inputs: {
          [key]: {
            dtype: DataType.DT_FLOAT,
            tensorShape: { dim: dims.map((size) => ({ size, name: 'ignored' })) },
            versionNumber: 3,
            floatVal,
            stringVal,
            doubleVal: [1.5],
            int64Val: [7],
          },
        },
        outputFilter: [filter],
      }).finish();
      const read = decodePredictRequest(bytes);
      assert.equal(read.modelSpec?.versionLabel, filter);
      const tensor = read.inputs.get(key)!;
      assert.deepEqual(tensor.shape, dims);
      assert.deepEqual(tensor.floatVal ?? new Float32Array(), Float32Array.from(floatVal));
      assert.deepEqual((tensor.stringVal ?? []).map(hex), stringVal.map(hex));
    }),
  );
});

test('a reply survives both ways', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, anyTensor), { maxLength: 3 }), name, (outputs, model) => {
      const response = {
        outputs: new Map(outputs),
        modelSpec: { name: model, version: 7, signatureName: 'serving_default' },
      };
      const bytes = encodePredictResponse(response);
      const read = decodePredictResponse(bytes);
      assert.deepEqual(plain({ ...read, inputs: read.outputs }), plain({ ...response, inputs: response.outputs }));
      stock.PredictResponse.decode(bytes);
    }),
  );
});

test('float_val is read packed, unpacked and mixed', () => {
  const tensor = Buffer.concat([
    Buffer.from([0x08, 1]),
    Buffer.from([0x2d]),
    floatBytes(1),
    Buffer.from([0x2a, 8]),
    floatBytes(2),
    floatBytes(3),
    Buffer.from([0x2d]),
    floatBytes(4),
  ]);
  const entry = Buffer.concat([Buffer.from([0x0a, 1, 0x78, 0x12, tensor.length]), tensor]);
  const read = decodePredictRequest(Buffer.concat([Buffer.from([0x12, entry.length]), entry]));
  assert.deepEqual(read.inputs.get('x')?.floatVal, Float32Array.of(1, 2, 3, 4));
});

test('a known field with another wire type is skipped as unknown', () => {
  // output_filter (3) as a varint, then as a string.
  const read = decodePredictRequest(Buffer.from([0x18, 5, 0x1a, 1, 0x61]));
  assert.deepEqual(read.outputFilter, ['a']);
});

test('a model_spec in two parts is merged, and the last version choice wins', () => {
  const half = (fields: object) => Buffer.from(stock.PredictRequest.encode({ modelSpec: fields }).finish());
  const read = decodePredictRequest(
    Buffer.concat([half({ name: 'a', version: { value: 3 } }), half({ signatureName: 's', versionLabel: 'stable' })]),
  );
  assert.deepEqual(read.modelSpec, { name: 'a', signatureName: 's', versionLabel: 'stable' });
});

test('no bytes at all make the deserializer throw, and what is broken is marked', () => {
  let malformed = 0;
  const valid = encodePredictRequest({
    modelSpec: { name: 'm', version: 1, signatureName: '' },
    inputs: new Map([['x', { dtype: 1, shape: [2, 2], floatVal: Float32Array.of(1, 2, 3, 4) }]]),
    outputFilter: ['y'],
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(valid.length - 1), fc.nat(255), (bytes, at, value) => {
      const altered = Buffer.from(valid);
      altered[at] = value;
      for (const body of [Buffer.from(bytes), valid.subarray(0, at), altered, Buffer.concat([altered, bytes])]) {
        if ('malformed' in predictServerMethod.requestDeserialize(body)) malformed++;
      }
    }),
    { numRuns: 2000, seed: 20 },
  );
  assert.ok(malformed > 1000, `only ${malformed} bodies were found malformed`);
});

test('a message that grows in memory beyond its bytes is refused', () => {
  const strings = Buffer.alloc(2 * 5000).fill(Buffer.from([0x42, 0]));
  const length = Buffer.from([0x80 | (strings.length & 0x7f), strings.length >> 7]);
  const inner = Buffer.concat([Buffer.from([0x12]), length, strings]);
  const outer = Buffer.from([0x80 | (inner.length & 0x7f), inner.length >> 7]);
  const result = predictServerMethod.requestDeserialize(Buffer.concat([Buffer.from([0x12]), outer, inner]));
  assert.match((result as { malformed: string }).malformed, /string_val holds more than 4096 strings/);
});

test('the service has the RPCs and the enum the numbers of the public one', () => {
  assert.deepEqual(Object.keys(stock.service.methods), [
    'Classify',
    'Regress',
    'Predict',
    'MultiInference',
    'GetModelMetadata',
  ]);
  assert.deepEqual({ ...stock.dataTypes }, { ...DataType });
  assert.equal(predictServerMethod.path, `/${stock.service.fullName.slice(1)}/Predict`);
});

function plain(request: Pick<PredictRequest, 'inputs' | 'modelSpec'> & { outputFilter?: readonly string[] }): unknown {
  return {
    modelSpec: request.modelSpec,
    outputFilter: request.outputFilter,
    inputs: [...request.inputs].map(([key, tensor]) => [
      key,
      {
        ...tensor,
        stringVal: tensor.stringVal?.map(hex),
        tensorContent: tensor.tensorContent && hex(tensor.tensorContent),
      },
    ]),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function floatBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
