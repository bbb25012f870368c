import assert from 'node:assert/strict';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fieldsOf, lengthDelimited, type OnnxModel, readOnnxModel, text, varint } from '@edgeslot/scoring/graph';
import fc from 'fast-check';
import { tinyNetwork } from '../testing/tiny-network.js';
import { splitModel } from './split.js';

let dir: string;
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'edgeslot-onnx-'));
});
after(() => rm(dir, { recursive: true }));

async function read(bytes: Uint8Array): Promise<OnnxModel> {
  const path = join(dir, 'model.onnx');
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    return await readOnnxModel(file);
  } finally {
    await file.close();
  }
}

/** The tiny network with its graph's fields changed, IR version 3. */
function rewrite(change: (number: number, content: Uint8Array) => Uint8Array[]): Buffer {
  const fields = [...fieldsOf(tinyNetwork())];
  const graph = [...fieldsOf(fields.find(({ number }) => number === 7)!.bytes)];
  return Buffer.concat([
    varint(1, 3),
    ...fields.filter(({ number }) => number === 8).map(({ bytes }) => lengthDelimited(8, bytes)),
    lengthDelimited(7, Buffer.concat(graph.flatMap(({ number, bytes }) => change(number, bytes)))),
  ]);
}

test('weights that early files list as inputs are none', async () => {
  const value = Buffer.concat([text(1, 'dense/bias'), lengthDelimited(2, lengthDelimited(1, varint(1, 1)))]);
  const model = await read(
    rewrite((number, content) => [
      lengthDelimited(number, content),
      ...(number === 2 ? [lengthDelimited(11, value)] : []),
    ]),
  );
  assert.deepEqual(model.inputs, [{ name: 'data', type: 1, shape: [1, 3, 32, 32] }]);
  assert.deepEqual([...model.weights.keys()], ['conv/weights', 'dense/weights', 'dense/bias']);
  assert.deepEqual([model.opset, model.irVersion], [17, 3]);
});

test('a weight that lies in another file without saying where is refused', async () => {
  const outside = rewrite((number, content) => [
    lengthDelimited(number, number === 5 ? Buffer.concat([content, varint(14, 1)]) : content),
  ]);
  await assert.rejects(read(outside), /the weight conv\/weights lies in another file, but it does not say where: \[\]/);
});

test('zeros are no model', async () => {
  await assert.rejects(read(Buffer.alloc(64)), /byte 0 starts no field/);
});

test('bytes that are no model are refused, not read past their end', async () => {
  const whole = tinyNetwork();
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      await read(bytes).then(
        (model) => assert.ok(Array.isArray(model.nodes)),
        (error) => assert.ok(error instanceof Error),
      );
    }),
    { numRuns: 300 },
  );
});

const node = (operator: string, inputs: string[], outputs: string[]) => ({
  operator,
  inputs,
  outputs,
  bytes: new Uint8Array(0),
});
const value = (name: string) => ({ name, type: 1, shape: [1, 3, 8, 8] });
const model = (nodes: OnnxModel['nodes'], over: Partial<OnnxModel> = {}): OnnxModel => ({
  irVersion: 8,
  opset: 17,
  imports: [],
  nodes,
  weights: new Map(),
  inputs: [value('in')],
  outputs: [value('out')],
  ...over,
});

test('a split that a path goes around is refused', () => {
  const around = model([
    node('Relu', ['in'], ['a']),
    node('Relu', ['a'], ['b']),
    node('Add', ['a', 'b'], ['c']),
    node('Gemm', ['c', 'w'], ['out']),
  ]);
  assert.throws(() => splitModel(around, 'b'), /--split b: the output out also depends on in past it/);
  assert.equal(splitModel(around).at, 'c');
});

test('what does not depend on the picture goes with whoever needs it, on both sides', () => {
  const shared = model([
    node('Constant', [], ['k']),
    node('Mul', ['in', 'k'], ['a']),
    node('MatMul', ['a', 'k'], ['b']),
    node('Softmax', ['b'], ['out']),
    node('Relu', ['a'], ['unused']),
  ]);
  const { at, featurizer, classifier } = splitModel(shared);
  assert.equal(at, 'a');
  assert.deepEqual(
    featurizer.map(({ operator }) => operator),
    ['Constant', 'Mul'],
  );
  assert.deepEqual(
    classifier.map(({ operator }) => operator),
    ['Constant', 'MatMul', 'Softmax'],
  );
});

test('no Gemm, two inputs, two outputs: the message says what to do', () => {
  const plain = [node('Conv', ['in', 'w'], ['a']), node('Relu', ['a'], ['out'])];
  assert.throws(() => splitModel(model(plain)), /name the tensor with --split TENSOR \(the last ones are a \(Conv\)\)/);
  assert.throws(() => splitModel(model(plain, { inputs: [value('in'), value('too')] })), /expected one, found in, too/);
  assert.throws(() => splitModel(model(plain, { outputs: [] })), /outputs: expected one, found none/);
});
