import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateLaneBytes } from './lane-bytes.js';

const MIB = 2 ** 20;
const file = (bytes: number) => ({ sha256: '', bytes });

test('a lane takes its weights some times over, and something besides', () => {
  const postprocessing = { type: 'softmax', labels: 'labels.txt' } as const;
  const files = { 'featurizer.onnx': file(90 * MIB), 'classifier.onnx': file(10 * MIB) };
  const bytes = estimateLaneBytes({ files, postprocessing });
  assert.ok(bytes > 300 * MIB && bytes < 450 * MIB, `${bytes / MIB} MB`);
  assert.ok(estimateLaneBytes({ files: {}, postprocessing }) > 0);
  const besides = {
    'labels.txt': file(1e9),
    'tail.onnx': file(1e9),
    'assets.extra/tf_serving_warmup_requests': file(1e9),
  };
  const input = { name: 'in', shape: [-1, 3] };
  const device = { input, output: input, tail: 'tail.onnx' };
  assert.equal(
    estimateLaneBytes({ files: { ...files, ...besides }, postprocessing, device }),
    bytes,
    'no weights of a lane',
  );
  const outside = { ...files, 'featurizer.onnx.data': file(10 * MIB) };
  assert.equal(
    estimateLaneBytes({ files: outside, postprocessing }) - bytes,
    30 * MIB,
    'weights beside the graph count',
  );
});
