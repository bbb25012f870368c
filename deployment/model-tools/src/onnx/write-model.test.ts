import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { GraphBuilder } from './graph.js';
import { modelBytes, writeModel } from './write-model.js';

function affine() {
  const graph = new GraphBuilder('affine');
  const x = graph.input('x:0', ['N', 3]);
  const pieces = () => [Float32Array.of(1, 2), Float32Array.of(3, 4, 5, 6)];
  const y = graph.node(
    'Gemm',
    [x, graph.weights('w', [3, 2], pieces), graph.floats('b', [2], Float32Array.of(10, 20))],
    'y:0',
    {
      alpha: { float: 0.5 },
    },
  );
  graph.output(y, ['N', 2]);
  return graph;
}

test('onnxruntime computes what the graph says, weights given in pieces', async () => {
  const session = await ort.InferenceSession.create(modelBytes(affine().build()));
  assert.deepEqual([session.inputNames, session.outputNames], [['x:0'], ['y:0']]);
  const { 'y:0': y } = await session.run({
    'x:0': new ort.Tensor('float32', Float32Array.of(1, 1, 1, 0, 2, 0), [2, 3]),
  });
  assert.deepEqual([...(y!.data as Float32Array)], [14.5, 26, 13, 24]);
  await session.release();
});

test('a written file holds the same bytes, and the digest is its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-onnx-'));
  try {
    const file = join(folder, 'affine.onnx');
    const digest = await writeModel(affine().build(), file);
    const bytes = await readFile(file);
    assert.deepEqual(bytes, modelBytes(affine().build()));
    assert.deepEqual(digest, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await assert.rejects(writeModel(affine().build(), file), { code: 'EEXIST' });
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(writeModel(affine().build(), join(folder, 'never.onnx'), { signal }), /enough/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('too few or too many values for the dimensions are refused by name', () => {
  for (const count of [5, 7]) {
    const graph = new GraphBuilder('short');
    graph.floats('w', [2, 3], new Float32Array(count));
    assert.throws(() => modelBytes(graph.build()), /initializer w: expected 6 values, got /);
  }
});

test('a tensor defined twice or used before its definition is refused by name', () => {
  const graph = new GraphBuilder('names');
  graph.input('x', [1]);
  assert.throws(() => graph.input('x', [1]), /"x" is defined twice/);
  assert.throws(() => graph.node('Relu', ['z'], 'y'), /"z" is used before it is defined/);
});
