import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as ort from 'onnxruntime-node';
import type { Graph } from '../onnx/graph.js';
import { modelBytes } from '../onnx/write-model.js';
import { NARROW } from './narrow-networks.fixture.js';
import { distance, stripes } from './pictures.fixture.js';

for (const { network, build } of NARROW) {
  describe(`${network.name}, narrow`, () => {
    const size = network.input.shape[1]!;
    const pictures = [9, 31, 80].map((period) =>
      stripes(size, period).map((value) => value * (network.preprocessing.scale as number)),
    );

    test('one picture and three run, and get finite, moderate and clearly different outputs', async () => {
      const graph = build(1);
      const run = await open(graph);
      const alone = await run(pictures.slice(1, 2), size);
      const together = await run(pictures, size);
      for (const [index, { name, shape }] of graph.outputs.entries()) {
        assert.deepEqual(alone[index]!.dims, [1, ...shape.slice(1)], name);
        assert.deepEqual(together[index]!.dims, [3, ...shape.slice(1)], name);
        const values = together[index]!.data as Float32Array;
        const row = values.length / 3;
        const [a, b, c] = [0, 1, 2].map((at) => values.slice(at * row, (at + 1) * row)) as [
          Float32Array,
          Float32Array,
          Float32Array,
        ];
        const level = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
        assert.ok(level > 0.05 && level < 20, `${name}: root mean square ${level}`);
        assert.ok(distance(b, alone[index]!.data as Float32Array) < 1e-4, `${name}: alone as in a batch`);
        for (const apart of [distance(a, b), distance(a, c), distance(b, c)]) {
          assert.ok(apart > 0.02, `${name}: ${apart}`);
        }
      }
    });

    test('the same seed gives the same bytes, another seed others', () => {
      assert.deepEqual(modelBytes(build(5)), modelBytes(build(5)));
      assert.notDeepEqual(modelBytes(build(5)), modelBytes(build(6)));
    });
  });
}

async function open(graph: Graph) {
  const session = await ort.InferenceSession.create(modelBytes(graph));
  return async (pictures: readonly Float32Array[], size: number) => {
    const values = new Float32Array(pictures.length * size * size * 3);
    for (const [index, picture] of pictures.entries()) values.set(picture, index * picture.length);
    const input = new ort.Tensor('float32', values, [pictures.length, size, size, 3]);
    const outputs = await session.run({ [graph.inputs[0]!.name]: input });
    return graph.outputs.map(({ name }) => outputs[name]!);
  };
}
