import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame, sceneFrame } from '@edgeslot/camera/scene';
import { createModel } from '@edgeslot/model-tools';
import { type ModelManifest, openPackage } from '@edgeslot/scoring/model';
import { floatTensor, floatValues, type PredictResponse, stringTensor } from '@edgeslot/tensorflow-serving';
import { PredictCaller } from '../support/predict-call.js';
import { edgeslot } from '../support/run-command.js';
import { ScoringRuntime } from '../support/scoring-runtime.js';
import { type Figures, figureLines } from './support/figures.js';
import { distance, openModel, stripes } from './support/run-featurizer.js';

/** More than any answer holds. */
const MOST_VALUES = 1 << 22;
const IMAGENET = [1, 1000];
const LAYERS: readonly (readonly [string, number, number])[] = [
  ['block4', 37, 4],
  ['block7', 19, 6],
  ['block8', 10, 6],
  ['block9', 5, 6],
  ['block10', 3, 4],
  ['block11', 1, 4],
];
const maps = (name: string, last: number): [string, number[]][] =>
  LAYERS.map(([layer, side, boxes]) => [`ssd_300_vgg/${layer}_box/${name}:0`, [1, side, side, boxes, last]]);

interface Original {
  readonly outputs: readonly (readonly [tensor: string, shape: readonly number[]])[];
  /** Other names for the outputs, each with the number of the output. */
  readonly also: Readonly<Record<string, number>>;
}

const classifier = (tensor: string): Original => ({
  outputs: [[`classifier/${tensor}`, IMAGENET]],
  also: { [`classifier_1/${tensor}`]: 0 },
});

/** The names that the clients of the original models send and expect, written out rather than read from a package. */
const ORIGINALS: Readonly<Record<string, Original>> = {
  resnet50: classifier('resnet_v1_50/predictions/Softmax:0'),
  resnet152: classifier('resnet_v1_152/predictions/Softmax:0'),
  densenet121: classifier('densenet121/predictions/Softmax:0'),
  vgg16: classifier('vgg_16/fc8/squeezed:0'),
  ssdvgg300: {
    outputs: [...maps('Reshape_1', 21), ...maps('Reshape', 4)],
    also: {},
  },
};

describe('the five networks in one models directory, one after the other in one scoring server', () => {
  let modelsDir: string;
  let server: ScoringRuntime;
  let caller: PredictCaller;
  let pictures: Uint8Array[];
  let pid: number | undefined;
  const figures: Figures[] = [];

  before(async () => {
    modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-five-'));
    pictures = [await renderFrame(3_000_001), await renderFrame(3_000_017)];
    server = await ScoringRuntime.start(modelsDir);
    caller = new PredictCaller(await server.address());
    ({ pid } = await server.module());
  });
  after(async () => {
    caller?.close();
    await server?.stop();
    await rm(modelsDir, { recursive: true, force: true });
  });

  for (const [network, { outputs, also }] of Object.entries(ORIGINALS)) {
    it(network, async () => {
      const started = performance.now();
      await createModel({ modelsDir, network });
      const createMs = performance.now() - started;
      const { durations } = await server.swapTo(network);
      const { directory, manifest } = await openPackage(modelsDir, { name: network });
      const images = new Map([['Placeholder:0', stringTensor(pictures)]]);
      const all = await caller.predict({ inputs: images });
      assert.equal(all.modelSpec?.name, network);
      assert.deepEqual(
        [...all.outputs].map(([tensor, { shape }]) => [tensor, shape]),
        outputs.map(([tensor, [, ...shape]]) => [tensor, [pictures.length, ...shape]]),
      );
      for (const [tensor, shape] of outputs) checkRows(all, tensor, shape);

      const aliased = await caller.predict({ inputs: new Map([['images', stringTensor(pictures)]]) });
      assert.deepEqual([...aliased.outputs.keys()], aliasesOf(outputs));
      assert.deepEqual([...aliased.outputs.values()], [...all.outputs.values()]);
      for (const [name, index] of Object.entries(also)) {
        const filtered = await caller.predict({ inputs: images, outputFilter: [name] });
        assert.deepEqual([...filtered.outputs], [[name, [...all.outputs.values()][index]]]);
      }
      const backwards = [...outputs.map(([tensor]) => tensor), ...aliasesOf(outputs)].reverse();
      const filtered = await caller.predict({ inputs: images, outputFilter: backwards });
      assert.deepEqual([...filtered.outputs.keys()], backwards);
      await checkValues(caller, directory, manifest);

      figures.push({
        network,
        parameters: /([\d.]+ M) parameters/.exec(manifest.description ?? '')?.[1] ?? '?',
        packageBytes: Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0),
        createMs,
        loadMs: durations.load!,
        gapMs: durations.blackout!,
        p50Ms: await median(caller, pictures[0]!),
        residentBytes: (await server.module()).rssBytes ?? Number.NaN,
      });
    });
  }

  it('ResNet-50 with a classifier of its own, by `model head`', async () => {
    const images = join(modelsDir, '.pictures');
    const classes = ['bottle standing', 'carton'];
    await renderClasses(images, classes);
    const { code, stdout, stderr } = await edgeslot([
      ...['model', 'head', 'resnet50', '--images', images, '--models', modelsDir],
    ]);
    assert.equal(code, 0, stdout + stderr);
    await server.swapTo('resnet50');
    const [tensor] = ORIGINALS.resnet50!.outputs[0]!;
    const inputs = new Map([['Placeholder:0', stringTensor(pictures)]]);
    for (const outputFilter of [[], [`classifier_1/${tensor.slice('classifier/'.length)}`]]) {
      const { outputs, modelSpec } = await caller.predict({ inputs, outputFilter });
      assert.equal(modelSpec?.version, 2);
      assert.deepEqual([...outputs.keys()], outputFilter.length > 0 ? outputFilter : [tensor]);
      assert.deepEqual([...outputs.values()][0]!.shape, [2, classes.length]);
    }
  });

  it('it was one process all the time, which swapped without a restart', async (t) => {
    const module = await server.module();
    assert.ok(pid !== undefined);
    assert.deepEqual([module.pid, module.restartCount], [pid, 0]);
    for (const line of figureLines(figures)) t.diagnostic(line);
  });
});

/** The names that answer a caller who uses the alias of the input: one output has a fixed one, many drop the `:0`. */
function aliasesOf(outputs: Original['outputs']): string[] {
  return outputs.length === 1 ? ['output_alias'] : outputs.map(([tensor]) => tensor.replace(/:0$/, ''));
}

/** Finite, not the same for two pictures, and probabilities where the name says so. */
function checkRows({ outputs }: PredictResponse, tensor: string, shape: readonly number[]): void {
  const values = floatValues(outputs.get(tensor)!, MOST_VALUES);
  const size = shape.reduce((product, one) => product * one, 1);
  const rows = [values.subarray(0, size), values.subarray(size)];
  assert.ok(values.every(Number.isFinite), tensor);
  assert.notDeepEqual(rows[0], rows[1], tensor);
  if (!tensor.includes('Softmax')) return;
  for (const row of rows) assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-4, tensor);
}

/** The served answers to a ready tensor are those of plain onnxruntime. */
async function checkValues(caller: PredictCaller, directory: string, manifest: ModelManifest): Promise<void> {
  const picture = stripes(manifest, 31);
  const model = await openModel(directory, manifest);
  const expected = await model.run([picture]).finally(() => model.close());
  const shape = [1, ...manifest.featurizer.input.shape.slice(1)];
  const { outputs } = await caller.tensor(floatTensor(shape, picture, 'tensor_content'));
  assert.ok(outputs.size > 0);
  for (const [tensor, answer] of outputs) {
    const apart = distance(expected[tensor]!.data as Float32Array, floatValues(answer, MOST_VALUES));
    assert.ok(apart < 1e-4, `${tensor}: ${apart}`);
  }
}

/** Eight pictures of the synthetic belt in a folder for each class. */
async function renderClasses(directory: string, classes: readonly string[]): Promise<void> {
  for (const label of classes) await mkdir(join(directory, label), { recursive: true });
  const wanted = new Map(classes.map((label) => [label, 8]));
  for (let seed = 3_100_000; [...wanted.values()].some((count) => count > 0); seed++) {
    const { object } = sceneFrame(seed);
    const count = wanted.get(object) ?? 0;
    if (count === 0) continue;
    wanted.set(object, count - 1);
    await writeFile(join(directory, object, `${seed}.jpg`), await renderFrame(seed));
  }
}

async function median(caller: PredictCaller, picture: Uint8Array): Promise<number> {
  const times: number[] = [];
  for (let call = 0; call < 9; call++) {
    const start = performance.now();
    await caller.images(picture);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[4]!;
}
