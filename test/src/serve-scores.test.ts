import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { floatTensor, floatValues, stringTensor } from '@edgeslot/tensorflow-serving';
import sharp from 'sharp';
import { type DemoModels, demoModels, linkedModels } from './support/demo-models.js';
import { INPUT, OUTPUT, PredictCaller } from './support/predict-call.js';
import { ReferenceScorer } from './support/reference-scores.js';
import { edgeslot } from './support/run-command.js';
import { type ScoringServer, startScoringServer } from './support/scoring-server.js';

const TOLERANCE = 1e-4;

describe('edgeslot serve scores as plain onnxruntime does', () => {
  let server: ScoringServer;
  let models: DemoModels;
  let modelsDir: string;
  let reference: ReferenceScorer;
  let caller: PredictCaller;

  before(async () => {
    models = await demoModels();
    modelsDir = await linkedModels(models);
    server = await startScoringServer(modelsDir, 'belt-object');
    reference = await ReferenceScorer.open(models.object.directory);
    caller = new PredictCaller(server.grpc);
  });
  after(async () => {
    caller.close();
    await reference.close();
    const { code } = await server.command.stop('SIGTERM');
    await rm(modelsDir, { recursive: true, force: true });
    assert.equal(code, 0, server.command.output);
  });

  const near = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
    assert.equal(actual.length, expected.length);
    for (let i = 0; i < expected.length; i++)
      assert.ok(Math.abs(actual[i]! - expected[i]!) <= TOLERANCE, `class ${i}: ${actual[i]} against ${expected[i]}`);
  };

  const pictures: Record<string, () => Promise<Buffer>> = {
    'a belt frame': () => renderFrame(3_000_001),
    'a tall JPEG': async () =>
      sharp(await renderFrame(3_000_002))
        .resize(427, 900, { fit: 'fill' })
        .jpeg()
        .toBuffer(),
    'a small JPEG, enlarged': async () =>
      sharp(await renderFrame(3_000_003))
        .resize(97, 61, { fit: 'fill' })
        .jpeg()
        .toBuffer(),
    'a grey JPEG': async () =>
      sharp(await renderFrame(3_000_004))
        .greyscale()
        .jpeg()
        .toBuffer(),
    'a progressive JPEG': async () =>
      sharp(await renderFrame(3_000_005))
        .jpeg({ progressive: true })
        .toBuffer(),
    'a PNG with alpha': async () =>
      sharp(await renderFrame(3_000_006))
        .ensureAlpha(0.5)
        .png()
        .toBuffer(),
  };
  for (const [what, make] of Object.entries(pictures)) {
    it(`JPEG bytes over gRPC: ${what}`, async () => {
      const bytes = await make();
      const reply = await caller.images(bytes);
      assert.deepEqual([...reply.outputs.keys()], [OUTPUT]);
      assert.deepEqual(reply.outputs.get(OUTPUT)!.shape, [1, 4]);
      near(floatValues(reply.outputs.get(OUTPUT)!, 1 << 20), await reference.scores(bytes));
    });
  }

  it('a float tensor over gRPC', async () => {
    const tensor = Float32Array.from({ length: 224 * 224 * 3 }, (_, i) => ((i * 2_654_435_761) % 255) - 120);
    const reply = await caller.tensor(floatTensor([1, 224, 224, 3], tensor, 'tensor_content'));
    near(floatValues(reply.outputs.get(OUTPUT)!, 1 << 20), await reference.scoresOfTensor(tensor));
  });

  it('a batch: one answer per picture, in order', async () => {
    const batch = await Promise.all([3_000_010, 3_000_011, 3_000_012].map(renderFrame));
    const reply = await caller.images(...batch);
    assert.deepEqual(reply.outputs.get(OUTPUT)!.shape, [3, 4]);
    const values = floatValues(reply.outputs.get(OUTPUT)!, 1 << 20);
    for (const [i, bytes] of batch.entries()) near(values.subarray(i * 4, i * 4 + 4), await reference.scores(bytes));
  });

  it('under an alias, answered under the alias, with model name and resolved version', async () => {
    const reply = await caller.predict({
      modelSpec: { name: 'belt-object', signatureName: '' },
      inputs: new Map([['images', stringTensor([await renderFrame(3_000_020)])]]),
    });
    assert.deepEqual([...reply.outputs.keys()], ['output_alias']);
    assert.equal(reply.modelSpec?.name, 'belt-object');
    assert.equal(reply.modelSpec?.version, models.object.version);
  });

  it('as TensorFlow clients send a lone image: a scalar string', async () => {
    const scalar = { ...stringTensor([await renderFrame(3_000_021)]), shape: [] };
    const reply = await caller.predict({ inputs: new Map([[INPUT, scalar]]) });
    assert.equal(floatValues(reply.outputs.get(OUTPUT)!, 1 << 20).length, 4);
  });

  it('over HTTP as a camera posts, best answer first', async () => {
    const bytes = await renderFrame(3_000_030);
    const response = await fetch(`http://${server.http}/score?camera=gate-7`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg', 'x-ms-client-request-id': 'frame-1' },
      body: new Uint8Array(bytes),
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-ms-client-request-id'), 'frame-1');
    const { inferences } = (await response.json()) as {
      inferences: { type: string; classification: { tag: { value: string; confidence: number } } }[];
    };
    const confidences = inferences.map(({ classification }) => classification.tag.confidence);
    assert.deepEqual(
      confidences,
      [...confidences].sort((a, b) => b - a),
    );
    near([confidences[0]!], [Math.max(...(await reference.scores(bytes)))]);
    assert.ok(inferences.every(({ type }) => type === 'classification'));
  });

  it('from a model that cannot be deleted until it has stopped', async () => {
    const { id } = models.object;
    const remove = () => edgeslot(['model', 'delete', id, '--models', modelsDir]);
    const held = await remove();
    assert.equal(held.code, 1, held.stdout);
    const user = `edgeslot serve (process ${server.command.child.pid})`;
    const text = `The model ${id} cannot be deleted because it is currently being used in ${user}. `;
    assert.ok(held.stderr.includes(text), held.stderr);
    await server.command.stop('SIGTERM');
    const free = await remove();
    assert.deepEqual([free.code, free.stdout], [0, `Deleted ${id}\n`], free.stderr);
  });
});
