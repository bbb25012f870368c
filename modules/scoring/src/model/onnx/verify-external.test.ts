import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExternalWeights, OnnxHeader, OnnxWeights } from './onnx-header.js';
import { verifyExternal } from './verify-external.js';

const OWN: OnnxWeights = { name: 'w', type: 'FLOAT', dims: [4, 3], offset: 1000, length: 48 };
const LENT: ExternalWeights = { ...OWN, location: 'featurizer.onnx', offset: '1000', length: '48' };
const FILES = { 'featurizer.onnx': { sha256: '', bytes: 2000 }, 'more/weights.bin': { sha256: '', bytes: 100 } };
const HEADER: OnnxHeader = {
  irVersion: 8,
  inputs: [],
  outputs: [],
  scopes: [],
  functions: new Set(),
  weights: [OWN, { ...OWN, name: 'v', offset: 1048 }],
  external: [],
};

const verify = (weights: Partial<ExternalWeights>, from = 'tail.onnx') =>
  verifyExternal('/models/tail.onnx', from, { ...LENT, ...weights }, FILES, new Map([['featurizer.onnx', HEADER]]));

test('weights of another graph are taken where they are that graph’s own, those of a plain file anywhere in it', () => {
  verify({});
  verify({ name: 'v', offset: '1048' });
  verify({ location: './featurizer.onnx' });
  verify({ location: '../featurizer.onnx' }, 'more/tail.onnx');
  verify({ location: 'more/weights.bin', offset: '52' });
  verify({ location: 'weights.bin', type: 'INT4', dims: [5], offset: '97', length: '3' }, 'more/tail.onnx');
  const { offset: _offset, length: _length, ...whole } = LENT;
  const plain = { ...whole, location: 'more/weights.bin', type: 'DOUBLE', dims: [12] };
  verifyExternal('tail.onnx', 'tail.onnx', plain, FILES, new Map());
});

test('what is not is refused with file, tensor, what was expected and what was found', () => {
  const cases: [Partial<ExternalWeights>, RegExp][] = [
    [{ name: 'u' }, /external_data of u: expected u among the weights of featurizer\.onnx, found none$/],
    [
      { offset: '1004' },
      /of w: expected its 48 bytes from byte 1000 of featurizer\.onnx on, found 48 from byte 1004 on$/,
    ],
    [{ name: 'v' }, /of v: expected its 48 bytes from byte 1048 of featurizer\.onnx on, found 48 from byte 1000 on$/],
    [{ dims: [3, 4] }, /of w: expected FLOAT \[3,4\], as in featurizer\.onnx, found FLOAT \[4,3\]$/],
    [{ type: 'INT32' }, /of w: expected INT32 \[4,3\], as in featurizer\.onnx, found FLOAT \[4,3\]$/],
    [{ length: '44' }, /expected a length of 48 bytes, as FLOAT \[4,3\] has, found 44$/],
    [{ length: '4e1' }, /expected a length of 48 bytes, .* found 4e1$/],
    [{ offset: '-1' }, /expected an offset in bytes, found -1$/],
    [{ offset: '99999999999999999999' }, /expected an offset in bytes, found 9{20}$/],
    [{ offset: '1953' }, /expected 48 bytes within the 2000 of featurizer\.onnx, found them from byte 1953 on$/],
    [{ location: 'more/weights.bin', offset: '53' }, /expected 48 bytes within the 100 of more\/weights\.bin/],
    [{ type: 'STRING' }, /expected a tensor of numbers, found STRING \[4,3\]$/],
    [{ dims: [4, -3] }, /expected a tensor of numbers, found FLOAT \[4,-3\]$/],
  ];
  for (const [weights, message] of cases) {
    assert.throws(() => verify(weights), { code: 'PACKAGE_WEIGHTS', message });
    assert.throws(() => verify(weights), { message: /^\/models\/tail\.onnx: / });
  }
});

test('a file that the manifest does not list is outside', () => {
  for (const location of ['weights.bin', '/featurizer.onnx', '../featurizer.onnx', 'more\\weights.bin']) {
    assert.throws(() => verify({ location }), { code: 'PACKAGE_OUTSIDE' }, location);
  }
});
