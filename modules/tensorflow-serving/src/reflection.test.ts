import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Enum, FieldBase, NamespaceBase, ReflectionObject, Root, Service, Type } from 'protobufjs';
import { loadProtoFiles } from './load-proto-files.js';
import { reflected, root as texts } from './reflection.fixture.js';
import { reflectionServerMethods } from './reflection.js';

const protobuf = createRequire(import.meta.url)('protobufjs') as typeof import('protobufjs');
/** protobufjs' own reader of descriptors. */
const { FileDescriptorSet } = createRequire(import.meta.url)('protobufjs/ext/descriptor') as {
  FileDescriptorSet: Type;
};
const { camelCase } = protobuf.util;
const { fromDescriptor } = protobuf.Root as unknown as { fromDescriptor(set: unknown): Root };
const StockRequest = reflected('grpc.reflection.v1.ServerReflectionRequest');
const StockResponse = reflected('grpc.reflection.v1.ServerReflectionResponse');

const files = await loadProtoFiles();

test('every file that one imports is there, and comes with a descriptor of that name and those imports', () => {
  const names = new Set(files.map(({ name }) => name));
  assert.ok(names.has('tensorflow_serving/apis/predict.proto') && names.has('google/protobuf/wrappers.proto'));
  for (const { name, imports, descriptor } of files) {
    assert.deepEqual(
      imports.filter((one) => !names.has(one)),
      [],
    );
    const { file } = FileDescriptorSet.toObject(FileDescriptorSet.decode(fileSet(descriptor)), { arrays: true });
    assert.deepEqual([file[0].name, file[0].dependency, file[0].syntax], [name, imports, 'proto3']);
  }
});

test('the descriptors say what the texts say', () => {
  const read = fromDescriptor(Buffer.concat(files.map(({ descriptor }) => fileSet(descriptor))));
  const expected = lines(texts);
  assert.ok(expected.includes('.tensorflow.serving.PredictRequest 2 inputs: map<string, .tensorflow.TensorProto>'));
  assert.ok(expected.includes('.grpc.health.v1.Health Watch: HealthCheckRequest -> stream HealthCheckResponse'));
  assert.deepEqual(
    expected.filter((line) => !lines(read).includes(line)),
    [],
  );
});

test('symbols lead to their files', () => {
  const home = (symbol: string) => files.filter(({ symbols }) => symbols.includes(symbol)).map(({ name }) => name);
  assert.deepEqual(home('tensorflow.serving.PredictionService.Predict'), [
    'tensorflow_serving/apis/prediction_service.proto',
  ]);
  assert.deepEqual(home('tensorflow.serving.ModelVersionStatus.State'), [
    'tensorflow_serving/apis/get_model_status.proto',
  ]);
  assert.deepEqual(home('tensorflow.DT_FLOAT'), ['tensorflow/core/framework/types.proto']);
  assert.deepEqual(home('google.protobuf.Any'), ['google/protobuf/any.proto']);
});

test('questions are read as an encoder made from the .proto texts writes them', () => {
  const [method] = reflectionServerMethods;
  const asked = (fields: object) => {
    const bytes = Buffer.from(StockRequest.encode(StockRequest.fromObject(fields)).finish());
    const request = method!.requestDeserialize(bytes);
    return 'question' in request ? request.question : request;
  };
  assert.deepEqual(asked({ host: 'h', listServices: '*' }), { ask: 'services' });
  assert.deepEqual(asked({ fileByFilename: 'a.proto' }), { ask: 'file', name: 'a.proto' });
  assert.deepEqual(asked({ fileContainingSymbol: 'a.B' }), { ask: 'symbol', name: 'a.B' });
  const fileContainingExtension = { containingType: 'a.B', extensionNumber: 7 };
  assert.deepEqual(asked({ fileContainingExtension }), { ask: 'extension', name: 'a.B', number: 7 });
  assert.deepEqual(asked({ allExtensionNumbersOfType: 'a.B' }), { ask: 'extensions', name: 'a.B' });
  assert.equal(asked({}), undefined);
  assert.ok('malformed' in method!.requestDeserialize(Buffer.from([0x22, 5])));
});

test('answers repeat their question', () => {
  const [method] = reflectionServerMethods;
  const bytes = Buffer.from(StockRequest.encode({ host: 'h', listServices: '*' }).finish());
  const request = { host: 'h', question: { ask: 'services' } as const, bytes };
  const written = (answer: Parameters<NonNullable<typeof method>['responseSerialize']>[0]['answer']) => {
    const { validHost, originalRequest, ...rest } = StockResponse.toObject(
      StockResponse.decode(method!.responseSerialize({ request, answer })),
    );
    assert.deepEqual([validHost, originalRequest], ['h', { host: 'h', listServices: '*' }]);
    return rest;
  };
  assert.deepEqual(written({ kind: 'services', names: ['a', 'b'] }), {
    listServicesResponse: { service: [{ name: 'a' }, { name: 'b' }] },
  });
  assert.deepEqual(written({ kind: 'files', descriptors: [Buffer.from('x')] }), {
    fileDescriptorResponse: { fileDescriptorProto: [Buffer.from('x')] },
  });
  assert.deepEqual(written({ kind: 'error', code: 5, message: 'no' }), {
    errorResponse: { errorCode: 5, errorMessage: 'no' },
  });
});

/** A descriptor as one of a FileDescriptorSet: field 1. */
function fileSet(descriptor: Uint8Array): Buffer {
  return Buffer.from(FileDescriptorSet.encode({ file: [] }).uint32(10).bytes(descriptor).finish());
}

/** Field, value or method per line; the fixture has read the texts with camel-cased names. */
function lines(space: NamespaceBase): string[] {
  return space.nestedArray.flatMap((one: ReflectionObject) => {
    const inside = 'nestedArray' in one ? lines(one as NamespaceBase) : [];
    return [...ownLines(one).map((line) => `${one.fullName} ${line}`), ...inside];
  });
}

/** protobufjs leaves the maps of a descriptor as what they are on the wire: repeated entries. */
function isMapEntry(type: Type | Enum | null): type is Type {
  return type instanceof protobuf.Type && type.name.endsWith('Entry');
}

function kindOf(field: FieldBase): string {
  field.resolve();
  if (isMapEntry(field.resolvedType)) {
    const [key, value] = field.resolvedType.fieldsArray;
    return `map<${key!.type}, ${kindOf(value!)}>`;
  }
  const type = field.resolvedType?.fullName ?? field.type;
  return field instanceof protobuf.MapField ? `map<${field.keyType}, ${type}>` : type;
}

function ownLines(one: ReflectionObject): string[] {
  if (one instanceof protobuf.Type) {
    return one.fieldsArray.map((field) => {
      const kind =
        field.repeated && !isMapEntry(field.resolve().resolvedType) ? `repeated ${kindOf(field)}` : kindOf(field);
      return `${field.id} ${camelCase(field.name)}: ${kind}${field.partOf ? ` of ${camelCase(field.partOf.name)}` : ''}`;
    });
  }
  if (one instanceof protobuf.Enum) return Object.entries((one as Enum).values).map(([key, id]) => `${id} ${key}`);
  if (!(one instanceof protobuf.Service)) return [];
  return (one as Service).methodsArray.map((method) => {
    method.resolve();
    const { name, requestStream, responseStream } = method;
    const side = (stream: boolean | undefined, type: Type | null) => `${stream ? 'stream ' : ''}${type!.name}`;
    return `${name}: ${side(requestStream, method.resolvedRequestType)} -> ${side(responseStream, method.resolvedResponseType)}`;
  });
}
