import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type ChainGraph, chainGraph } from '../../testing/tiny-onnx.js';
import { temporaryDirectory } from '../../testing/tiny-package.js';
import type { GraphSpec } from '../manifest.js';
import { readOnnxHeader } from './read-header.js';
import { verifyGraph } from './verify-graph.js';

const SPEC: GraphSpec = {
  file: 'graph.onnx',
  input: { name: 'in', shape: [-1, 3] },
  outputs: [{ name: 'out', shape: [-1, 3] }],
};
const RELU = ['', 'Relu'] as const;

const FILE = { sha256: '', bytes: 4 };

async function verify(t: TestContext, graph: Uint8Array, spec: GraphSpec = SPEC): Promise<void> {
  const path = join(await temporaryDirectory(t), 'graph.onnx');
  await writeFile(path, graph);
  verifyGraph(path, await readOnnxHeader(path), spec, { 'graph.onnx': FILE, 'weights.bin': FILE });
}

test('a graph is taken when its tensors are the manifest’s and its operators the runtime’s', async (t) => {
  await verify(t, chainGraph({ operators: [RELU, ['ai.onnx', 'Erf']] }));
  await verify(t, chainGraph({ operators: [RELU], opsets: { '': 7 } }));
  await verify(t, chainGraph({ operators: [RELU], opsets: { 'ai.onnx': 26 }, irVersion: 13 }));
  await verify(t, chainGraph({ operators: [['com.microsoft', 'QLinearAdd']], opsets: { '': 11, 'com.microsoft': 1 } }));
  await verify(t, chainGraph({ operators: [RELU], external: './weights.bin' }));
  await verify(t, chainGraph({ operators: [RELU] }, [1, 3]), SPEC);
  const functions = [{ domain: 'mine', name: 'Twice', inner: 'Relu' }];
  await verify(t, chainGraph({ operators: [['mine', 'Twice']], opsets: { '': 17, mine: 1 }, functions }));
});

test('what does not fit has its own code, and names file, field, what was expected and what was found', async (t) => {
  const functions = [{ domain: 'mine', name: 'Twice', inner: 'Relo' }];
  const cases: [string, ChainGraph, RegExp][] = [
    ['PACKAGE_OPSET', { operators: [RELU], opsets: { '': 6 } }, /opset of ai\.onnx: expected 7 to 26, found 6$/],
    ['PACKAGE_OPSET', { operators: [RELU], opsets: { '': 27 } }, /opset of ai\.onnx: expected 7 to 26, found 27$/],
    ['PACKAGE_OPSET', { operators: [RELU], opsets: {} }, /expected one, as the graph has Relu, found none$/],
    ['PACKAGE_OPSET', { operators: [['mine', 'Relu']] }, /opset of mine: expected one, .* found none$/],
    ['PACKAGE_OPSET', { operators: [RELU], irVersion: 14 }, /ir_version: expected 3 to 13, found 14$/],
    ['PACKAGE_OPSET', { operators: [RELU], irVersion: 0 }, /ir_version: expected 3 to 13, found 0$/],
    ['PACKAGE_OPERATOR', { operators: [RELU, ['', 'Relo']] }, /found Relo of ai\.onnx 17, which it does not have$/],
    ['PACKAGE_OPERATOR', { operators: [['', 'Gelu']] }, /found Gelu of ai\.onnx 17, which came with opset 20$/],
    ['PACKAGE_OPERATOR', { operators: [['', 'Upsample']] }, /Upsample of ai\.onnx 17, which ended with opset 9$/],
    [
      'PACKAGE_OPERATOR',
      { operators: [['com.microsoft', 'Relu']], opsets: { 'com.microsoft': 1 } },
      /found Relu of com\.microsoft 1,/,
    ],
    [
      'PACKAGE_OPERATOR',
      { operators: [['mine', 'Relu']], opsets: { mine: 3 } },
      /found Relu of mine 3, whose domain this module does not know$/,
    ],
    ['PACKAGE_OPERATOR', { operators: [['mine', 'Twice']], opsets: { mine: 1 }, functions }, /found Relo/],
    ['PACKAGE_TENSOR_NAME', { operators: [RELU], extraInput: 'more' }, /inputs: expected in, found in, more$/],
    ['PACKAGE_TENSOR_TYPE', { operators: [RELU], type: 10 }, /type of in: expected FLOAT, found FLOAT16$/],
    ['PACKAGE_OUTSIDE', { operators: [RELU], external: '../weights.bin' }, /external_data: .*found \.\.\/weights\.bin/],
    ['PACKAGE_OUTSIDE', { operators: [RELU], external: '/etc/passwd' }, /found \/etc\/passwd/],
    ['PACKAGE_OUTSIDE', { operators: [RELU], external: 'other.bin' }, /other\.bin, which the manifest does not list$/],
  ];
  for (const [code, options, message] of cases) {
    await assert.rejects(verify(t, chainGraph(options)), (error: Error & { code: string }) => {
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.message, /graph\.onnx: /);
      return true;
    });
  }
  const shapes: [readonly number[], RegExp][] = [
    [[-1, 4], /shape of in: expected \[-1,3\], found \[batch,4\]$/],
    [[2, 3], /shape of in: expected \[-1,3\], found \[2,3\]$/],
    [[-1, 3, 1], /found \[batch,3,1\]$/],
  ];
  for (const [shape, message] of shapes) {
    await assert.rejects(verify(t, chainGraph({ operators: [RELU] }, shape)), {
      code: 'PACKAGE_TENSOR_SHAPE',
      message,
    });
  }
  await assert.rejects(
    verify(t, chainGraph({ operators: [RELU] }), { ...SPEC, outputs: [{ name: 'x', shape: [3] }] }),
    {
      code: 'PACKAGE_TENSOR_NAME',
      message: /output name: expected x, found out$/,
    },
  );
});

test('what is no ONNX model is refused, wherever it ends', async (t) => {
  const graph = chainGraph({ operators: [RELU] });
  for (let length = 0; length < graph.length; length++) {
    await assert.rejects(verify(t, graph.subarray(0, length)), (error: Error & { code: string }) => {
      assert.match(error.code, /^PACKAGE_(GRAPH_FORMAT|OPSET)$/, error.message);
      return true;
    });
  }
});

test('weights are not read: a header in front of and behind a hole of 3 GiB', async (t) => {
  const path = join(await temporaryDirectory(t), 'graph.onnx');
  const hole = 3 * 2 ** 30;
  const varint = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
  // graph { initializer { name, raw_data } name }
  const name = [0x42, 1, 0x77];
  const raw = [0x4a, ...varint(hole)];
  const initializer = [0x2a, ...varint(name.length + raw.length + hole)];
  const before = [...initializer, ...name, ...raw];
  const behind = [0x12, 1, 0x67];
  const head = Buffer.from([8, 8, 0x3a, ...varint(before.length + hole + behind.length), ...before]);
  const file = await open(path, 'w');
  await file.write(head, 0, head.length, 0);
  await file.write(Buffer.from(behind), 0, behind.length, head.length + hole);
  await file.close();
  const memory = process.memoryUsage().rss;
  const header = await readOnnxHeader(path);
  assert.ok(process.memoryUsage().rss - memory < 64 << 20);
  assert.deepEqual(header.outputs, []);
});
