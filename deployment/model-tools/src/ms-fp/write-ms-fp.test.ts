import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readOnnxModel } from '@edgeslot/scoring/graph';
import { readOnnxHeader, verifyGraph } from '@edgeslot/scoring/model';
import * as ort from 'onnxruntime-node';
import { GraphBuilder } from '../onnx/graph.js';
import { evenWeights } from '../onnx/random-weights.js';
import { modelBytes } from '../onnx/write-model.js';
import { tinyNetwork } from '../testing/tiny-network.js';
import { chooseFormat, type MsFpFormat } from './format.js';
import { quantizeBlocks } from './quantize-blocks.js';
import { writeMsFp } from './write-ms-fp.js';

const SIDE = 3;
const PLACES = SIDE * SIDE;

async function rewrite(t: TestContext, graph: GraphBuilder, options: { activations: boolean; format?: MsFpFormat }) {
  const directory = await mkdtemp(join(tmpdir(), 'edgeslot-ms-fp-'));
  t.after(() => rm(directory, { recursive: true }));
  const [source, target] = [join(directory, 'source.onnx'), join(directory, 'target.onnx')];
  await writeFile(source, modelBytes(graph.build()));
  const written = await writeMsFp(source, target, { format: chooseFormat(), ...options });
  return { source, target, written };
}

async function run(file: string, values: Float32Array, dims: readonly number[]): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  try {
    const result = await session.run({ x: new ort.Tensor('float32', values, dims) });
    return (result.y!.data as Float32Array).slice();
  } finally {
    await session.release();
  }
}

/** The graph x -> 1 × 1 convolution that only copies its channels -> y. */
function copying(channels: number): GraphBuilder {
  const graph = new GraphBuilder('copying');
  const x = graph.input('x', ['N', channels, SIDE, SIDE]);
  const identity = Float32Array.from({ length: channels ** 2 }, (_, at) => (at % (channels + 1) === 0 ? 1 : 0));
  graph.node('Conv', [x, graph.floats('w', [channels, channels, 1, 1], identity)], 'y', { kernel_shape: [1, 1] });
  graph.output('y', ['N', channels, SIDE, SIDE]);
  return graph;
}

/** Numbers that half precision holds (10 bits), of many sizes; some are powers of two, some 0. */
function halves(count: number, seed: number): Float32Array {
  const bits = evenWeights(seed, 'bits', count, 0, 1023);
  const exponents = evenWeights(seed, 'exponents', count, -9, 8);
  return Float32Array.from(bits, (value, at) => {
    const mantissa = at % 7 === 0 ? 512 : at % 11 === 0 ? 0 : Math.round(value);
    return mantissa * 2 ** Math.round(exponents[at]!);
  });
}

for (const channels of [3, 64, 128, 130, 300]) {
  for (const name of ['ms-fp8', 'ms-fp11', 'msfp12']) {
    test(`onnxruntime rounds ${channels} channels of activations to ${name} exactly as the definition`, async (t) => {
      const format = chooseFormat({ format: name });
      const { target } = await rewrite(t, copying(channels), { activations: true, format });
      const values = halves(2 * channels * PLACES, channels);
      const got = await run(target, values, [2, channels, SIDE, SIDE]);
      const expected = quantizeBlocks(values, { axis: channels, inner: PLACES }, format);
      assert.deepEqual(
        Array.from(got, (value) => value + 0),
        Array.from(expected, (value) => value + 0),
      );
    });
  }
}

test('input and output go through half precision, whose rounding no optimiser removes', async (t) => {
  const { target } = await rewrite(t, copying(3), { activations: false });
  const values = new Float32Array(3 * PLACES).fill(1 + 2 ** -12);
  values[1] = Math.PI;
  const got = await run(target, values, [1, 3, SIDE, SIDE]);
  assert.deepEqual([got[0], got[1]], [1, 3.140625]);
});

interface Case {
  readonly name: string;
  readonly channels: number;
  readonly groups: number;
  readonly out: number;
}

/** A convolution of 3 × 3 with padding, in doubles, straight from its definition. */
function convolve(x: Float32Array, w: Float32Array, { channels, groups, out }: Case): Float64Array {
  const y = new Float64Array(out * PLACES);
  const own = channels / groups;
  for (let o = 0; o < out; o++) {
    const group = Math.floor(o / (out / groups));
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        for (let i = 0; i < own; i++) {
          for (let kernel = 0; kernel < 9; kernel++) {
            const [r, c] = [row + Math.floor(kernel / 3) - 1, column + (kernel % 3) - 1];
            if (r < 0 || r >= SIDE || c < 0 || c >= SIDE) continue;
            y[o * PLACES + row * SIDE + column]! +=
              w[(o * own + i) * 9 + kernel]! * x[(group * own + i) * PLACES + r * SIDE + c]!;
          }
        }
      }
    }
  }
  return y;
}

const CASES: readonly Case[] = [
  { name: 'ordinary', channels: 140, groups: 1, out: 5 },
  { name: 'grouped', channels: 260, groups: 2, out: 4 },
  { name: 'depthwise', channels: 6, groups: 6, out: 6 },
];

for (const one of CASES) {
  for (const activations of [false, true]) {
    test(`${one.name} convolution ${activations ? 'with' : 'without'} rounded activations is what a slow reference computes`, async (t) => {
      const { channels, groups, out } = one;
      const format = chooseFormat();
      const own = channels / groups;
      const weights = evenWeights(1, 'w', out * own * 9, 0, 0.5);
      const graph = new GraphBuilder('one');
      const kernel = graph.floats('w', [out, own, 3, 3], weights);
      const x = graph.input('x', ['N', channels, SIDE, SIDE]);
      graph.node('Conv', [x, kernel], 'y', { kernel_shape: [3, 3], pads: [1, 1, 1, 1], group: groups });
      graph.output('y', ['N', out, SIDE, SIDE]);
      const { target, written } = await rewrite(t, graph, { activations });
      assert.deepEqual([written.products, written.weights], [1, weights.length]);

      const values = halves(channels * PLACES, 5).map((value) => value / 64);
      const rounded = activations ? quantizeBlocks(values, { axis: own, inner: PLACES }, format) : values;
      const expected = convolve(rounded, quantizeBlocks(weights, { axis: own, inner: 9 }, format), one);
      const got = await run(target, values, [1, channels, SIDE, SIDE]);
      const unrounded = convolve(values, weights, one);
      let told = 0;
      for (const [at, value] of expected.entries()) {
        const tolerance = 2 ** -10 * Math.max(1, Math.abs(value));
        assert.ok(Math.abs(got[at]! - value) <= tolerance, `${at}: ${got[at]} instead of ${value}`);
        if (Math.abs(unrounded[at]! - value) > 2 * tolerance) told++;
      }
      assert.ok(told > expected.length / 3, `only ${told} values differ from float32's: nothing was tested`);
    });
  }
}

/** x -> product with w of 150 × 4, stored the way the operator wants it -> y. */
function dense(operator: 'Gemm' | 'MatMul', transposed: boolean): { graph: GraphBuilder; weights: Float32Array } {
  const weights = evenWeights(2, 'dense', 150 * 4, 0, 0.5);
  const stored = Float32Array.from(weights, (_, at) =>
    transposed ? weights[(at % 150) * 4 + Math.floor(at / 150)]! : weights[at]!,
  );
  const graph = new GraphBuilder('dense');
  const x = graph.input('x', ['N', 150]);
  const w = graph.floats('w', transposed ? [4, 150] : [150, 4], stored);
  graph.node(operator, [x, w], 'y', transposed ? { transB: 1 } : {});
  graph.output('y', ['N', 4]);
  return { graph, weights };
}

test('Gemm of both storage orders and MatMul round along the input channels', async (t) => {
  const format = chooseFormat();
  const values = halves(2 * 150, 9).map((value) => value / 64);
  const x = quantizeBlocks(values, { axis: 150, inner: 1 }, format);
  const results = [];
  for (const [operator, transposed] of [
    ['Gemm', false],
    ['Gemm', true],
    ['MatMul', false],
  ] as const) {
    const { graph, weights } = dense(operator, transposed);
    const w = quantizeBlocks(weights, { axis: 150, inner: 4 }, format);
    const { target } = await rewrite(t, graph, { activations: true });
    const got = await run(target, values, [2, 150]);
    for (const [at, value] of got.entries()) {
      let sum = 0;
      for (let k = 0; k < 150; k++) sum += x[Math.floor(at / 4) * 150 + k]! * w[k * 4 + (at % 4)]!;
      assert.ok(
        Math.abs(value - sum) <= 2 ** -10 * Math.max(1, Math.abs(sum)),
        `${operator} ${at}: ${value}, not ${sum}`,
      );
    }
    results.push([...got]);
  }
  assert.deepEqual(results[1], results[0]);
});

test('what is written passes the checks of packages, keeps all else of the file, and is the same each time', async (t) => {
  const graph = copying(130);
  const first = await rewrite(t, graph, { activations: true });
  const second = await rewrite(t, graph, { activations: true });
  assert.deepEqual(first.written, second.written);
  const shape = [-1, 130, SIDE, SIDE];
  const spec = { file: 'target.onnx', input: { name: 'x', shape }, outputs: [{ name: 'y', shape }] };
  verifyGraph(first.target, await readOnnxHeader(first.target), spec, {});
  const { digest } = first.written;
  assert.equal((await readFile(first.target)).length, digest.bytes);
});

test('all operator sets that are taken compute the same', async (t) => {
  const results = [];
  for (const opset of [11, 13, 17, 18, 21]) {
    const directory = await mkdtemp(join(tmpdir(), 'edgeslot-ms-fp-'));
    t.after(() => rm(directory, { recursive: true }));
    const [source, target] = [join(directory, 'source.onnx'), join(directory, 'target.onnx')];
    await writeFile(source, tinyNetwork({ opset, softmax: false }));
    const { products } = await writeMsFp(source, target, { format: chooseFormat(), activations: true });
    assert.equal(products, 2);
    const session = await ort.InferenceSession.create(target, { logSeverityLevel: 3 });
    const { logits } = await session.run({ data: new ort.Tensor('float32', halves(3 * 32 * 32, 1), [1, 3, 32, 32]) });
    results.push([...(logits!.data as Float32Array)]);
    await session.release();
  }
  for (const result of results) assert.deepEqual(result, results[0]);
});

test('what several products read is rounded once', async (t) => {
  const graph = new GraphBuilder('branches');
  const x = graph.input('x', ['N', 4, SIDE, SIDE]);
  const branch = (name: string) =>
    graph.node('Conv', [x, graph.floats(`${name}/w`, [4, 4, 1, 1], evenWeights(1, name, 16, 0, 1))], name);
  graph.node('Add', [branch('left'), branch('right')], 'y');
  graph.output('y', ['N', 4, SIDE, SIDE]);
  const { target, written } = await rewrite(t, graph, { activations: true });
  const file = await open(target);
  t.after(() => file.close());
  const { nodes } = await readOnnxModel(file);
  assert.equal(written.products, 2);
  assert.deepEqual(
    nodes.map(({ operator }) => operator),
    ['Cast', 'Cast', 'RoundBlocks_1x4', 'Conv', 'Conv', 'Add', 'Cast', 'Cast'],
  );
});

test('weights too large for one piece are cut at their blocks', async (t) => {
  const [rows, columns] = [300, 8192];
  const weights = evenWeights(4, 'large', rows * columns, 0, 1);
  const graph = new GraphBuilder('large');
  graph.node('MatMul', [graph.input('x', ['N', rows]), graph.floats('w', [rows, columns], weights)], 'y');
  graph.output('y', ['N', columns]);
  const { target } = await rewrite(t, graph, { activations: false });
  const expected = quantizeBlocks(weights, { axis: rows, inner: columns }, chooseFormat());
  const written = await readFile(target);
  assert.ok(written.includes(Buffer.from(expected.buffer)), 'the rounded weights are in the file, in one stretch');
});

test('graphs that would stay half in float32 are refused by name', async (t) => {
  const computed = new GraphBuilder('computed');
  const x = computed.input('x', ['N', 2, 1, 1]);
  const w = computed.node('Relu', [computed.floats('w', [2, 2, 1, 1], new Float32Array(4))], 'positive');
  computed.node('Conv', [x, w], 'y');
  computed.output('y', ['N', 2, 1, 1]);
  await assert.rejects(
    rewrite(t, computed, { activations: false }),
    /Conv y: expected weights that are constants of the graph, got the tensor positive/,
  );

  const infinite = new GraphBuilder('infinite');
  const kernel = infinite.floats('w', [1, 1, 1, 1], Float32Array.of(Number.POSITIVE_INFINITY));
  infinite.node('Conv', [infinite.input('x', ['N', 1, 1, 1]), kernel], 'y');
  infinite.output('y', ['N', 1, 1, 1]);
  await assert.rejects(
    rewrite(t, infinite, { activations: false }),
    /weights w: expected finite numbers, got Infinity/,
  );

  const wider = new GraphBuilder('wider');
  const taps = wider.floats('w', [1, 1, 2, 2], new Float32Array(4));
  wider.node('ConvTranspose', [wider.input('x', ['N', 1, 1, 1]), taps], 'y');
  wider.output('y', ['N', 1, 2, 2]);
  await assert.rejects(rewrite(t, wider, { activations: false }), /ConvTranspose y: expected Conv, Gemm, MatMul and/);

  const none = new GraphBuilder('none');
  none.node('Relu', [none.input('x', ['N', 1])], 'y');
  none.output('y', ['N', 1]);
  await assert.rejects(rewrite(t, none, { activations: false }), /no convolution or matrix product/);
});
