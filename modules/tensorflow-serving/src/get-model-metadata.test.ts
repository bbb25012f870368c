import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Any } from './any.js';
import { DataType } from './data-type.js';
import {
  decodeGetModelMetadataRequest,
  decodeGetModelMetadataResponse,
  encodeGetModelMetadataRequest,
  encodeGetModelMetadataResponse,
} from './get-model-metadata.js';
import { getModelMetadataServerMethod } from './prediction-service.js';
import { reflected, service } from './reflection.fixture.js';
import { packSignatureDefMap } from './signature-def.js';
import { packStruct, type StructObject, type StructValue } from './struct.js';

const protobuf = createRequire(import.meta.url)('protobufjs') as typeof import('protobufjs');
const StockRequest = reflected('tensorflow.serving.GetModelMetadataRequest');
const StockResponse = reflected('tensorflow.serving.GetModelMetadataResponse');
const StockSignatures = reflected('tensorflow.serving.SignatureDefMap');
const StockStruct = protobuf.Root.fromJSON(protobuf.common.get('google/protobuf/struct.proto')!).lookupType(
  'google.protobuf.Struct',
);

/** protobufjs keeps maps in plain objects, which cannot have a key `__proto__`. */
const name = fc.string({ maxLength: 20, unit: 'grapheme' }).filter((text) => text !== '__proto__');
const modelSpec = fc
  .tuple(name, fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined }))
  .map(([name, version]) => ({ name, signatureName: '', ...(version !== undefined && { version }) }));

test('a request survives ours, and a decoder made from the .proto texts reads it', () => {
  fc.assert(
    fc.property(fc.option(modelSpec, { nil: undefined }), fc.array(name, { maxLength: 4 }), (spec, metadataField) => {
      const request = { metadataField, ...(spec && { modelSpec: spec }) };
      const bytes = encodeGetModelMetadataRequest(request);
      assert.deepEqual(decodeGetModelMetadataRequest(bytes), request);
      const read = StockRequest.toObject(StockRequest.decode(bytes), { longs: Number, arrays: true });
      assert.deepEqual(read.metadataField, metadataField);
      assert.equal(read.modelSpec?.name ?? '', spec?.name ?? '');
    }),
  );
});

test('a response survives both ways', () => {
  const entry = fc.tuple(name, fc.record({ typeUrl: name, value: fc.uint8Array({ maxLength: 30 }) }));
  fc.assert(
    fc.property(modelSpec, fc.array(entry, { maxLength: 3 }), (spec, entries) => {
      const metadata = new Map(entries);
      const bytes = encodeGetModelMetadataResponse({ modelSpec: spec, metadata });
      const read = decodeGetModelMetadataResponse(bytes);
      assert.deepEqual(read.modelSpec, spec);
      assert.deepEqual(hexed(read.metadata), hexed(metadata));
      const stock = StockResponse.toObject(StockResponse.decode(bytes), { defaults: true });
      const named = Object.entries<{ type_url: string; value: Uint8Array }>(stock.metadata).map(
        ([key, { type_url: typeUrl, value }]) => [key, { typeUrl, value }] as const,
      );
      assert.deepEqual(hexed(new Map(named)).sort(), hexed(metadata).sort());
    }),
  );
});

test('signatures are read by a decoder made from the .proto texts', () => {
  const dtype = fc.constantFrom(...Object.values(DataType));
  const shape = fc.array(fc.integer({ min: -1, max: 300 }), { maxLength: 4 });
  const tensors = fc.uniqueArray(fc.tuple(name, fc.record({ name, dtype, shape }, { noNullPrototype: true })), {
    maxLength: 3,
    selector: ([alias]) => alias,
  });
  fc.assert(
    fc.property(name, tensors, tensors, name, (key, inputs, outputs, methodName) => {
      const { typeUrl, value } = packSignatureDefMap([[key, { inputs, outputs, methodName }]]);
      assert.equal(typeUrl, 'type.googleapis.com/tensorflow.serving.SignatureDefMap');
      const read = StockSignatures.toObject(StockSignatures.decode(value), { longs: Number, defaults: true });
      const { inputs: readInputs, outputs: readOutputs, methodName: method } = read.signatureDef[key];
      assert.equal(method, methodName);
      for (const [found, sent] of [
        [readInputs, inputs],
        [readOutputs, outputs],
      ]) {
        assert.deepEqual(Object.keys(found).sort(), sent.map(([alias]: [string]) => alias).sort());
        for (const [alias, tensor] of sent) {
          const { name, dtype, tensorShape } = found[alias];
          const sizes = tensorShape.dim.map(({ size }: { size: number }) => size);
          assert.deepEqual({ name, dtype, shape: sizes }, tensor);
          assert.equal(tensorShape.unknownRank, false);
        }
      }
    }),
  );
});

test('a struct says the same JSON to protobufjs', () => {
  const { value: anyValue } = fc.letrec<{ value: StructValue; object: StructObject }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.double({ noNaN: true }),
      fc.boolean(),
      name,
      fc.array(tie('value'), { maxLength: 3 }),
      tie('object'),
    ),
    object: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  }));
  fc.assert(
    fc.property(fc.dictionary(name, anyValue, { maxKeys: 3, noNullPrototype: true }), (fields) => {
      const { typeUrl, value } = packStruct(fields);
      assert.equal(typeUrl, 'type.googleapis.com/google.protobuf.Struct');
      const read = StockStruct.toObject(StockStruct.decode(value), { oneofs: true, objects: true, arrays: true });
      assert.deepEqual(plainFields(read as StockFields), fields);
    }),
  );
});

test('no bytes at all make the deserializer throw, and too many fields are refused', () => {
  const valid = encodeGetModelMetadataRequest({
    modelSpec: { name: 'm', version: 1, signatureName: '' },
    metadataField: ['signature_def'],
  });
  let malformed = 0;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(valid.length - 1), fc.nat(255), (noise, at, value) => {
      const altered = Buffer.from(valid);
      altered[at] = value;
      for (const body of [Buffer.from(noise), valid.subarray(0, at), altered]) {
        if ('malformed' in getModelMetadataServerMethod.requestDeserialize(body)) malformed++;
      }
    }),
    { numRuns: 1000, seed: 21 },
  );
  assert.ok(malformed > 300, `only ${malformed} bodies were found malformed`);
  const many = encodeGetModelMetadataRequest({ metadataField: Array(257).fill('a') });
  const refused = getModelMetadataServerMethod.requestDeserialize(many);
  assert.deepEqual(refused, { malformed: 'metadata_field holds more than 256 names' });
});

test('the method is the one of the service', () => {
  assert.equal(getModelMetadataServerMethod.path, `/${service.fullName.slice(1)}/GetModelMetadata`);
  assert.equal(service.methods.GetModelMetadata?.requestType, 'GetModelMetadataRequest');
});

interface StockValue {
  readonly kind: 'nullValue' | 'numberValue' | 'stringValue' | 'boolValue' | 'structValue' | 'listValue';
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: StockFields;
  readonly listValue?: { readonly values: readonly StockValue[] };
}
interface StockFields {
  readonly fields: Readonly<Record<string, StockValue>>;
}

function plainFields({ fields }: StockFields): StructObject {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: StockValue): StructValue {
  if (value.kind === 'nullValue') return null;
  if (value.kind === 'structValue') return plainFields(value.structValue!);
  if (value.kind === 'listValue') return value.listValue!.values.map(plainValue);
  return value[value.kind]!;
}

function hexed(metadata: ReadonlyMap<string, Any>): string[][] {
  return [...metadata].map(([key, { typeUrl, value }]) => [key, typeUrl, Buffer.from(value).toString('hex')]);
}
