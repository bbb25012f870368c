import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataType, dataTypeName } from './data-type.js';
import type { TensorProto } from './tensor-proto.js';
import { floatTensor, floatValues, stringTensor, stringValues, TensorParseError } from './tensor-values.js';

const float = (fields: Partial<TensorProto>): TensorProto => ({ dtype: DataType.DT_FLOAT, shape: [], ...fields });
const refuses = (tensor: TensorProto, message: RegExp, limit = 1000) =>
  assert.throws(
    () => floatValues(tensor, limit),
    (error) => error instanceof TensorParseError && message.test(error.message),
  );

test('a typed field shorter than its shape is padded with its last element; an empty one means zeros', () => {
  assert.deepEqual(
    floatValues(float({ shape: [2, 2], floatVal: Float32Array.of(1, 2) }), 10),
    Float32Array.of(1, 2, 2, 2),
  );
  assert.deepEqual(floatValues(float({ shape: [3] }), 10), Float32Array.of(0, 0, 0));
  assert.deepEqual(floatValues(float({ shape: [1], floatVal: Float32Array.of(5, 6) }), 10), Float32Array.of(5));
  const [a, b] = [Buffer.from('a'), Buffer.from('b')];
  assert.deepEqual(stringValues({ dtype: 7, shape: [3], stringVal: [a, b] }, 10), [a, b, b]);
  assert.deepEqual(stringValues({ dtype: 7, shape: [2] }, 10), [new Uint8Array(0), new Uint8Array(0)]);
});

test('a scalar has one element, a shape with a zero none', () => {
  assert.equal(stringValues({ dtype: 7, shape: [], stringVal: [Buffer.from('x')] }, 10).length, 1);
  assert.equal(floatValues(float({ shape: [0, 224, 224, 3] }), 1e6).length, 0);
});

test('tensor_content must have the length that the shape asks for', () => {
  const content = new Uint8Array(Float32Array.of(1.5, -2).buffer);
  assert.deepEqual(floatValues(float({ shape: [2], tensorContent: content }), 10), Float32Array.of(1.5, -2));
  refuses(float({ shape: [3], tensorContent: content }), /tensor_content has 8 bytes; the shape needs 12/);
});

test('shapes that announce the impossible are refused before anything is allocated', () => {
  refuses(float({ shape: [-1, 4] }), /\[-1,4\] has a negative dimension/);
  refuses(float({ shape: [1 << 20, 1 << 20, 1 << 20] }), /the limit is 1000/);
  refuses(float({ shape: [2 ** 53, 2 ** 53, 0] }), /the limit is 1000/);
  refuses(float({ shape: undefined }), /unknown_rank/);
});

test('the encoding follows the size, or the setting', () => {
  const [small, large] = [new Float32Array(16_384), new Float32Array(16_385)];
  assert.ok(floatTensor([16_384], small).floatVal);
  assert.ok(floatTensor([16_385], large).tensorContent);
  assert.ok(floatTensor([16_385], large, 'float_val').floatVal);
  assert.ok(floatTensor([16_384], small, 'tensor_content').tensorContent);
  assert.deepEqual(stringTensor([Buffer.from('x')]).shape, [1]);
});

test('dtypes are named as TensorFlow names them', () => {
  assert.equal(dataTypeName(DataType.DT_BOOL), 'bool');
  assert.equal(dataTypeName(77), 'unknown dtype 77');
});
