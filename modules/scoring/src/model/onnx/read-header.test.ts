import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tinyTail, weightedFeaturizer } from '../../testing/tiny-onnx.js';
import { temporaryDirectory } from '../../testing/tiny-package.js';
import type { OnnxHeader } from './onnx-header.js';
import { readOnnxHeader } from './read-header.js';

async function readHeader(t: TestContext, graph: Uint8Array): Promise<OnnxHeader> {
  const path = join(await temporaryDirectory(t), 'graph.onnx');
  await writeFile(path, graph);
  return readOnnxHeader(path);
}

test('a header tells where the bytes of the weights are, in the file or in another one', async (t) => {
  const { file, offset } = weightedFeaturizer([0.25, 0.5, 4]);
  const own = await readHeader(t, file);
  assert.deepEqual(own.weights, [{ name: 'gain', type: 'FLOAT', dims: [3], offset, length: 12 }]);
  assert.deepEqual([...new Float32Array(Uint8Array.from(file.subarray(offset, offset + 12)).buffer)], [0.25, 0.5, 4]);
  assert.deepEqual(own.external, []);
  const tail = await readHeader(t, tinyTail('featurizer.onnx', 77));
  assert.deepEqual(tail.weights, []);
  const place = { location: 'featurizer.onnx', offset: '77', length: '12' };
  assert.deepEqual(tail.external, [{ name: 'gain', type: 'FLOAT', dims: [3], ...place }]);
});

/** A field of bytes, fewer than 16,384. */
function bytes(number: number, content: readonly number[]): number[] {
  const { length } = content;
  return [number * 8 + 2, ...(length < 128 ? [length] : [(length % 128) + 128, length >> 7]), ...content];
}

test('dimensions are read one by one and in one row, and are not without number', async (t) => {
  const read = async (dims: readonly number[]) => {
    const tensor = [...dims, 0x10, 1, ...bytes(8, [0x77]), ...bytes(9, [])];
    const { weights } = await readHeader(t, Uint8Array.from([8, 8, ...bytes(7, bytes(5, tensor))]));
    return weights.map(({ dims }) => dims);
  };
  const each = (dims: readonly number[]) => dims.flatMap((size) => [8, size]);
  const row = (dims: readonly number[]) => bytes(1, dims);
  for (const write of [each, row]) {
    assert.deepEqual(await read(write([2, 0, 5])), [[2, 0, 5]]);
    assert.equal((await read(write(new Array(64).fill(1))))[0]!.length, 64);
    const refused = { code: 'PACKAGE_GRAPH_FORMAT', message: /more than 64/ };
    await assert.rejects(read(write(new Array(65).fill(1))), refused);
  }
});
