import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame, sceneFrame } from '@edgeslot/camera/scene';
import { createModel } from '@edgeslot/model-tools';
import { openPackage } from '@edgeslot/scoring/model';
import { floatValues, type PredictResponse, stringTensor } from '@edgeslot/tensorflow-serving';
import { PredictCaller } from '../support/predict-call.js';
import { edgeslot } from '../support/run-command.js';
import { type ScoringServer, startScoringServer } from '../support/scoring-server.js';

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
  also: { output_alias: 0, [`classifier_1/${tensor}`]: 0 },
});

/** The names that the clients of the original models send and expect, written out rather than read from a package. */
const ORIGINALS: Readonly<Record<string, Original>> = {
  resnet50: classifier('resnet_v1_50/predictions/Softmax:0'),
  resnet152: classifier('resnet_v1_152/predictions/Softmax:0'),
  densenet121: classifier('densenet121/predictions/Softmax:0'),
  vgg16: classifier('vgg_16/fc8/squeezed:0'),
  ssdvgg300: {
    outputs: [...maps('Reshape_1', 21), ...maps('Reshape', 4)],
    also: { 'ssd_300_vgg/block4_box/Reshape_1': 0, 'ssd_300_vgg/block11_box/Reshape': 11 },
  },
};

describe('the five networks in one models directory, served one after the other', () => {
  let modelsDir: string;
  let pictures: Uint8Array[];
  before(async () => {
    modelsDir = await mkdtemp(join(tmpdir(), 'edgeslot-five-'));
    pictures = [await renderFrame(3_000_001), await renderFrame(3_000_017)];
  });
  after(() => rm(modelsDir, { recursive: true, force: true }));

  for (const [network, { outputs, also }] of Object.entries(ORIGINALS)) {
    it(network, async (t) => {
      const started = performance.now();
      await createModel({ modelsDir, network });
      const created = performance.now();
      const { manifest } = await openPackage(modelsDir, { name: network });
      const opened = performance.now();
      await withServer(modelsDir, network, async (server, caller) => {
        const available = performance.now();
        const images = new Map([['Placeholder:0', stringTensor(pictures)]]);
        const all = await caller.predict({ inputs: images });
        assert.deepEqual(
          [...all.outputs].map(([tensor, { shape }]) => [tensor, shape]),
          outputs.map(([tensor, [, ...shape]]) => [tensor, [pictures.length, ...shape]]),
        );
        for (const [tensor, shape] of outputs) checkRows(all, tensor, shape);

        const aliased = await caller.predict({ inputs: new Map([['images', stringTensor(pictures)]]) });
        assert.deepEqual([...aliased.outputs.values()], [...all.outputs.values()]);
        for (const [name, index] of Object.entries(also)) {
          const filtered = await caller.predict({ inputs: images, outputFilter: [name] });
          assert.deepEqual([...filtered.outputs], [[name, [...all.outputs.values()][index]]]);
        }
        if (outputs.length > 1) {
          const backwards = outputs.map(([tensor]) => tensor).reverse();
          const filtered = await caller.predict({ inputs: images, outputFilter: backwards });
          assert.deepEqual([...filtered.outputs.keys()], backwards);
        }
        const scored = await postFrame(server, pictures[0]!);
        const answer = await scored.text();
        assert.equal(scored.status, 200, answer);
        const [{ type }] = (JSON.parse(answer) as { inferences: [{ type: string }] }).inferences;
        assert.equal(type, network === 'ssdvgg300' ? 'entity' : 'classification');

        const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
        t.diagnostic(
          [
            `${(bytes / 1e6).toFixed(1)} MB, created in ${((created - started) / 1000).toFixed(1)} s`,
            `verified in ${(opened - created).toFixed(0)} ms, available ${(available - opened).toFixed(0)} ms after the start`,
            `p50 ${(await median(caller, pictures[0]!)).toFixed(1)} ms, ${await residentMegabytes(server)} MB resident`,
          ].join(', '),
        );
      });
    });
  }

  it('ResNet-50 with a classifier of its own, by `model head`', async () => {
    const images = join(modelsDir, '.pictures');
    const classes = ['bottle standing', 'carton'];
    for (const label of classes) await mkdir(join(images, label), { recursive: true });
    const wanted = new Map(classes.map((label) => [label, 0]));
    for (let seed = 3_100_000; [...wanted.values()].some((count) => count < 8); seed++) {
      const { object } = sceneFrame(seed);
      const count = wanted.get(object);
      if (count === undefined || count >= 8) continue;
      wanted.set(object, count + 1);
      await writeFile(join(images, object, `${seed}.jpg`), await renderFrame(seed));
    }
    const { code, stdout, stderr } = await edgeslot([
      ...['model', 'head', 'resnet50', '--images', images, '--models', modelsDir],
    ]);
    assert.equal(code, 0, stdout + stderr);
    await withServer(modelsDir, 'resnet50', async (_server, caller) => {
      const [tensor] = ORIGINALS.resnet50!.outputs[0]!;
      const inputs = new Map([['Placeholder:0', stringTensor(pictures)]]);
      for (const outputFilter of [[], [`classifier_1/${tensor.slice('classifier/'.length)}`]]) {
        const { outputs, modelSpec } = await caller.predict({ inputs, outputFilter });
        assert.equal(modelSpec?.version, 2);
        assert.deepEqual([...outputs.keys()], outputFilter.length > 0 ? outputFilter : [tensor]);
        assert.deepEqual([...outputs.values()][0]!.shape, [2, classes.length]);
      }
    });
  });
});

/** Finite, not the same for two pictures, and probabilities where the name says so. */
function checkRows({ outputs }: PredictResponse, tensor: string, shape: readonly number[]): void {
  const values = floatValues(outputs.get(tensor)!, 1 << 22);
  const size = shape.reduce((product, one) => product * one, 1);
  const rows = [values.subarray(0, size), values.subarray(size)];
  assert.ok(values.every(Number.isFinite), tensor);
  assert.notDeepEqual(rows[0], rows[1], tensor);
  if (!tensor.includes('Softmax')) return;
  for (const row of rows) assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-4, tensor);
}

async function withServer(
  modelsDir: string,
  model: string,
  use: (server: ScoringServer, caller: PredictCaller) => Promise<void>,
): Promise<void> {
  const server = await startScoringServer(modelsDir, model);
  const caller = new PredictCaller(server.grpc);
  try {
    await use(server, caller);
  } finally {
    caller.close();
    const { code } = await server.command.stop('SIGTERM');
    assert.equal(code, 0, server.command.output);
  }
}

async function postFrame({ http }: ScoringServer, body: Uint8Array): Promise<Response> {
  return await fetch(`http://${http}/score?camera=c`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'image/jpeg' },
  });
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

async function residentMegabytes({ command }: ScoringServer): Promise<string> {
  const status = await readFile(`/proc/${command.child.pid}/status`, 'utf8').catch(() => '');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1000).toFixed(0);
}
