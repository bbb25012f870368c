import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeProtoTexts, type Protocol, protoFiles } from './support/proto-texts.js';
import { stockClients } from './support/python-environment.js';
import { runPython } from './support/run-python.js';

/** Of later additions (streamed Predict, say) our texts speak only where the server has them. */
test("our .proto texts say what TensorFlow's own packages say", async (t) => {
  const environment = await stockClients();
  const folder = await mkdtemp(join(tmpdir(), 'edgeslot-proto-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const files = await protoFiles();
  const ours = describeProtoTexts(files);
  const run = { script: 'describe_protocol.py', folder, packages: environment.serving, input: { files } };
  const stock = (await runPython(environment, run)) as Protocol;

  const predict = ours['tensorflow.serving.PredictRequest'];
  assert.ok(predict?.includes('2 inputs: map<string, tensorflow.TensorProto>'), 'the texts were read');
  const said = lines(stock);
  assert.deepEqual(
    [...lines(ours)].filter((line) => !said.has(line)),
    [],
    'what only our texts say',
  );
});

function lines(protocol: Protocol): Set<string> {
  return new Set(Object.entries(protocol).flatMap(([name, all]) => all.map((line) => `${name}: ${line}`)));
}
