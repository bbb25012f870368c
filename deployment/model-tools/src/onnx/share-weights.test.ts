import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { valueOffsets } from './encode.js';
import { GraphBuilder, weightBytes } from './graph.js';
import { shareWeights } from './share-weights.js';
import { writeModel } from './write-model.js';

const WEIGHTS = Float32Array.from({ length: 12 }, (_, index) => index + 1);
const BIAS = Float32Array.of(100, 200, 300);

function affine(name: string, bias = BIAS): GraphBuilder {
  const graph = new GraphBuilder(name);
  const x = graph.input('x', ['N', 4]);
  const shape = graph.integers('shape', [-1, 4]);
  const flat = graph.node('Reshape', [x, shape], 'flat');
  const weights = graph.weights('w', [4, 3], () => [WEIGHTS.subarray(0, 5), WEIGHTS.subarray(5)]);
  graph.output(graph.node('Gemm', [flat, weights, graph.floats('b', [bias.length], bias)], 'y'), ['N', 3]);
  return graph;
}

// What comes before the weights decides at which of four bytes they lie: all four are mapped and read.
for (const name of ['a', 'ab', 'abc', 'abcd']) {
  test(`onnxruntime reads the weights of a graph named ${name} for another one`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'edgeslot-share-'));
    try {
      const owner = affine(name).build();
      const sharing = shareWeights(affine('other').build(), owner, 'owner.onnx');
      const whole = await writeModel(owner, join(folder, 'owner.onnx'));
      const small = await writeModel(sharing, join(folder, 'other.onnx'));
      assert.equal(weightBytes(sharing), 0);
      assert.ok(small.bytes < whole.bytes + 100);
      const offset = valueOffsets(owner).get('w')!;
      const bytes = await readFile(join(folder, 'owner.onnx'));
      assert.deepEqual(bytes.subarray(offset, offset + 48), Buffer.from(WEIGHTS.buffer));
      const session = await ort.InferenceSession.create(join(folder, 'other.onnx'));
      const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 0, 0, 1), [1, 4]) });
      assert.deepEqual([...(y!.data as Float32Array)], [111, 213, 315]);
      await session.release();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

test('what the other graph has not, or has otherwise, is written; and so are integers', () => {
  const { initializers } = shareWeights(affine('one').build(), affine('two', Float32Array.of(1)).build(), 'two.onnx');
  assert.deepEqual(
    initializers.filter(({ stored }) => stored).map(({ name }) => name),
    ['w'],
  );
});

test('a graph that took its weights from elsewhere has none to lend', () => {
  const owner = affine('owner').build();
  const borrowed = shareWeights(affine('borrower').build(), owner, 'owner.onnx');
  const { initializers } = shareWeights(affine('third').build(), borrowed, 'borrower.onnx');
  assert.ok(initializers.every(({ stored }) => !stored));
});
