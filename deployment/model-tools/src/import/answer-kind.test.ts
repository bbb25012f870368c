import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerKind } from './answer-kind.js';

/** A chain of operators, from `t0` on. */
const chain = (...operators: string[]) =>
  operators.map((operator, index) => ({
    operator,
    inputs: [`t${index}`, 'weights'],
    outputs: [`t${index + 1}`],
    bytes: new Uint8Array(0),
  }));

test('a softmax or sigmoid at the end answers probabilities, whatever only reshapes them after it', () => {
  for (const [operators, expected] of [
    [['Gemm', 'Softmax'], 'softmax'],
    [['MatMul', 'Add', 'Sigmoid'], 'softmax'],
    [['Softmax', 'Reshape', 'Identity'], 'softmax'],
    [['Gemm'], 'logits'],
    [['Softmax', 'Gemm'], 'logits'],
    [['Gemm', 'LogSoftmax'], 'logits'],
    [['Reshape'], 'logits'],
  ] as const) {
    assert.equal(answerKind(chain(...operators), `t${operators.length}`), expected, operators.join(', '));
  }
});
