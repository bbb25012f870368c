import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { chainGraph } from '../../testing/tiny-onnx.js';
import { IR_VERSIONS, KNOWN_OPERATORS, OPSETS, whyUnknown } from './operators.js';

/** What the runtime says of a graph of one such node; most lack inputs, which it says only of operators it has. */
async function runtime(domain: string, type: string, opset: number, irVersion = 8): Promise<string> {
  const opsets = domain === '' ? { '': opset } : { '': opset, [domain]: 1 };
  const graph = chainGraph({ operators: [[domain, type]], opsets, irVersion });
  try {
    await (await ort.InferenceSession.create(graph, { logSeverityLevel: 4 })).release();
    return 'loaded';
  } catch (error) {
    return (error as Error).message;
  }
}

const LACKS = /No Op registered for|is not a registered function|is deprecated/;

test('the runtime has every operator of the list, from its first operator set to its last', async () => {
  for (const [domain, type, since, until] of KNOWN_OPERATORS) {
    const at = domain === '' ? [since, until] : [OPSETS.most];
    for (const opset of at) assert.doesNotMatch(await runtime(domain, type, opset), LACKS, `${type} ${opset}`);
    if (domain === '' && since > OPSETS.least) assert.match(await runtime('', type, since - 1), LACKS, type);
    if (domain === '' && until < OPSETS.most) assert.match(await runtime('', type, until + 1), LACKS, type);
    assert.equal(whyUnknown(domain, type, until), undefined);
  }
});

test('the last versions are the runtime’s', async () => {
  assert.equal(await runtime('', 'Relu', OPSETS.least), 'loaded');
  assert.equal(await runtime('', 'Relu', OPSETS.most), 'loaded');
  assert.notEqual(await runtime('', 'Relu', OPSETS.most + 1), 'loaded');
  assert.equal(await runtime('', 'Relu', 17, IR_VERSIONS.least), 'loaded');
  assert.equal(await runtime('', 'Relu', 17, IR_VERSIONS.most), 'loaded');
  assert.notEqual(await runtime('', 'Relu', 17, IR_VERSIONS.most + 1), 'loaded');
});
