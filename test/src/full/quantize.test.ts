import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import type { QuantizedModel } from '@edgeslot/model-tools';
import { floatValues } from '@edgeslot/tensorflow-serving';
import { accuracy } from '../support/belt-frames.js';
import { copyOfModel, type DemoModelPackage, demoModels } from '../support/demo-models.js';
import { OUTPUT, PredictCaller } from '../support/predict-call.js';
import { descendants, isAlive } from '../support/processes.js';
import { edgeslot, startEdgeslot } from '../support/run-command.js';
import { startScoringServer } from '../support/scoring-server.js';
import { waitFor } from '../support/wait-for.js';

/** Frames that neither the demo models' training nor their measuring has seen. */
const FRAMES = { first: 8_000_001, count: 96 };
const SCORED = { first: 9_000_001, count: 20 };

describe('a trained head, quantised', () => {
  let base: string;
  let source: DemoModelPackage;
  let modelsDir: string;
  let images: string;
  let made: QuantizedModel;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'edgeslot-quantized-'));
    source = (await demoModels()).object;
    ({ modelsDir } = await copyOfModel(source));
    images = join(base, 'frames');
    await mkdir(images);
    for (let index = 0; index < FRAMES.count; index++)
      await writeFile(join(images, `${index}.jpg`), await renderFrame(FRAMES.first + index));
  });
  after(async () => {
    await rm(base, { recursive: true, force: true });
    await rm(modelsDir, { recursive: true, force: true });
  });
  const quantize = (...args: string[]) => [
    'model',
    'quantize',
    source.id,
    '--images',
    images,
    '--models',
    modelsDir,
    ...args,
  ];

  it('says the same as before of 95 of 100 unseen pictures, in a third of the size', async () => {
    const { code, stdout, stderr } = await edgeslot(quantize('--samples', '48', '--json'));
    assert.equal(code, 0, stderr);
    made = JSON.parse(stdout) as QuantizedModel;
    const { before, after, compared, calibratedOn } = made;
    assert.deepEqual([calibratedOn, compared.pictures, compared.failed], [48, FRAMES.count / 3, []]);
    assert.ok(compared.report.agreement! >= 0.95, JSON.stringify(compared.report));
    assert.ok(compared.report.margin!.median > 0.5, 'the float32 model is sure of its answers');
    assert.ok(after.bytes < before.bytes / 3, `${before.bytes} to ${after.bytes} bytes`);
    assert.ok((made.quantizer.operators.QuantizeLinear ?? 0) > 50, JSON.stringify(made.quantizer.operators));
    assert.deepEqual([before.id, made.manifest.parent, made.manifest.numerics], [source.id, source.id, 'int8']);
  });

  it('is whole, listed as int8, and the same bytes when it is made again', async () => {
    const id = made.after.id;
    const verified = await edgeslot(['model', 'verify', id, '--models', modelsDir]);
    assert.equal(verified.code, 0, verified.stderr);
    const { stdout } = await edgeslot(['model', 'list', '--models', modelsDir]);
    assert.match(stdout, new RegExp(`^${id} +resnet50 +int8 +24 MB`, 'm'));
    const again = await edgeslot(quantize('--samples', '48', '--name', 'again', '--json'));
    assert.equal(again.code, 0, again.stderr);
    const { file } = made.manifest.featurizer;
    assert.deepEqual((JSON.parse(again.stdout) as QuantizedModel).manifest.files[file], made.manifest.files[file]);
  });

  it('is served, and right about frames that nobody has seen', async () => {
    const labels = (await readFile(join(source.directory, 'labels.txt'), 'utf8')).trim().split('\n');
    const server = await startScoringServer(modelsDir, made.after.id);
    const caller = new PredictCaller(server.grpc);
    const answers = [];
    try {
      for (let seed = SCORED.first; seed < SCORED.first + SCORED.count; seed++) {
        const reply = await caller.images(await renderFrame(seed));
        const scores = [...floatValues(reply.outputs.get(OUTPUT)!, 1 << 16)];
        assert.ok(Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < 1e-4);
        answers.push({ seed, label: labels[scores.indexOf(Math.max(...scores))]! });
      }
    } finally {
      caller.close();
      await server.command.stop('SIGTERM');
    }
    assert.ok(accuracy('belt-object', answers) >= 0.9, JSON.stringify(answers));
  });

  it('leaves nothing, and nothing running, after Ctrl-C', async () => {
    const before = await readdir(join(modelsDir, source.name));
    const command = startEdgeslot(quantize());
    await waitFor('the calibration', () => {
      if (!command.running) throw new Error(`it ended early\n${command.output}`);
      return command.stderr.includes('calibrating') || undefined;
    });
    const children = descendants(command.child.pid!);
    assert.ok(children.length > 0);
    const { code, stderr } = await command.stop('SIGINT');
    assert.equal(code, 1);
    assert.match(stderr, /^edgeslot: stopped by Ctrl-C; nothing was registered$/m);
    assert.deepEqual(children.filter(isAlive), []);
    assert.deepEqual(await readdir(join(modelsDir, source.name)), before);
    assert.deepEqual(await readdir(join(modelsDir, '.staging')), []);
  });
});
