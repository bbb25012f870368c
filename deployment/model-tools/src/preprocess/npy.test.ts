import assert from 'node:assert/strict';
import { test } from 'node:test';
import { npyBytes } from './npy.js';

test('the header is NumPy’s, padded so that the data begin at a multiple of 64', () => {
  const values = Float32Array.of(1.5, -2, Number.NaN, 0, 5, 6);
  for (const shape of [[6], [1, 2, 3], [3, 1, 1, 2]]) {
    const bytes = npyBytes(values, shape);
    assert.deepEqual([...bytes.subarray(0, 8)], [0x93, ...Buffer.from('NUMPY'), 1, 0]);
    const length = bytes.readUInt16LE(8);
    assert.equal((10 + length) % 64, 0);
    const header = bytes.toString('latin1', 10, 10 + length);
    const tuple = `(${shape.join(', ')},)`;
    assert.equal(header.trimEnd(), `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`);
    assert.ok(header.endsWith('\n'));
    assert.equal(bytes.length, 10 + length + 24);
    for (const [index, value] of values.entries()) assert.equal(bytes.readFloatLE(10 + length + index * 4), value);
  }
});

test('only the part of the memory that the array shows is written', () => {
  const values = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  assert.deepEqual(npyBytes(values, [2]).subarray(-8), Buffer.from(Float32Array.of(2, 3).buffer));
});
