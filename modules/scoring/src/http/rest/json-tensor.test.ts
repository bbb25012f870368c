import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readTensor } from './json-tensor.js';

test('nested lists of numbers become a tensor of their shape', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(shapes, (shape) => {
      let next = 0;
      const nest = ([size, ...rest]: readonly number[]): unknown =>
        size === undefined ? next++ : Array.from({ length: size }, () => nest(rest));
      const input = readTensor(nest(shape));
      assert.ok(input.kind === 'tensor');
      assert.deepEqual(input.shape, shape);
      assert.deepEqual([...input.data], [...input.data.keys()]);
    }),
  );
});

test('bytes come as base64 or as plain text, one alone or several', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array(), { minLength: 1, maxLength: 3 }), (pictures) => {
      const coded = pictures.map((bytes) => ({ b64: Buffer.from(bytes).toString('base64') }));
      const input = readTensor(coded);
      assert.ok(input.kind === 'images');
      assert.deepEqual(
        input.images.map((image) => [...image]),
        pictures.map((bytes) => [...bytes]),
      );
      const alone = readTensor(coded[0]);
      assert.ok(alone.kind === 'images' && Buffer.from(pictures[0]!).equals(alone.images[0]!));
    }),
  );
  const text = readTensor(['häß']);
  assert.ok(text.kind === 'images' && Buffer.from('häß').equals(text.images[0]!));
});

test('what is neither is refused by name', () => {
  const cases: readonly [unknown, string, RegExp][] = [
    [[{ b64: 'a-_=' }], 'REST_BASE64', /^Unable to base64 decode "a-_="/],
    [[{ b64: 'YQ' }], 'REST_BASE64', /padding/],
    [[{ b64: 7 }], 'REST_VALUE', /JSON Value: 7 Type: Number is not of expected type: string/],
    [[{ b64: 'YQ==' }, 1], 'REST_VALUE', /JSON Value: 1 Type: Number/],
    [[1, 'x'], 'REST_VALUE', /JSON Value: "x" Type: String is not of expected type: float/],
    [[[1, 2], [3]], 'REST_LIST_SIZE', /^Encountered list at unexpected size: 1 at level: 1 expected size: 2$/],
    [[[1], 2], 'REST_VALUE', /JSON Value: 2 Type: Number is not of expected type: list/],
    [[1, [2]], 'REST_VALUE', /JSON Value: \[2\] Type: Array is not of expected type: float/],
    [[null], 'REST_VALUE', /JSON Value: null Type: Null/],
    [JSON.parse('[[[[[[[[[1]]]]]]]]]'), 'REST_LIST_DEPTH', /deeper than 8/],
  ];
  for (const [value, code, message] of cases) assert.throws(() => readTensor(value), { code, message });
});

test('one long list beside many values is refused before memory is taken for their product', () => {
  const long = Array.from({ length: 100_000 }, () => 0);
  assert.throws(() => readTensor([long, ...long]), { code: 'REST_VALUE', message: /expected type: list/ });
});
