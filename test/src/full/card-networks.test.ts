import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { createModel } from '@edgeslot/model-tools';
import { openPackage } from '@edgeslot/scoring/model';
import { preprocessImage } from '@edgeslot/scoring/preprocess';
import { floatValues } from '@edgeslot/tensorflow-serving';
import { PredictCaller } from '../support/predict-call.js';
import { startScoringServer } from '../support/scoring-server.js';
import { VirtualCard } from '../support/virtual-card.js';
import { openModel } from './support/run-featurizer.js';

/** Of the largest value of the answer: features come as halves, which have eleven bits. */
const TOLERANCE = 5e-3;
const FRAMES = [3_000_001, 3_000_002, 3_000_017];
/** All of the five that have tensors for a card; the detector has twelve outputs. */
const NETWORKS = ['resnet50', 'resnet152', 'densenet121', 'vgg16'];

describe('the networks through the virtual card', () => {
  let dir: string;
  let card: VirtualCard;
  let pictures: Buffer[];

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-card-networks-'));
    card = await VirtualCard.start();
    pictures = await Promise.all(FRAMES.map(renderFrame));
  });
  after(async () => {
    await card?.remove();
    await rm(dir, { recursive: true, force: true });
  });

  for (const network of NETWORKS) {
    it(network, async (t) => {
      await createModel({ modelsDir: dir, network });
      const expected = await expectedOf(network);
      const server = await startScoringServer(dir, network, ['--device', 'catapult', '--card', card.directory]);
      const caller = new PredictCaller(server.grpc);
      try {
        assert.match(server.line, /device=virtual-card$/);
        let worst = 0;
        for (const [at, picture] of pictures.entries()) {
          const [answer] = (await caller.images(picture)).outputs.values();
          const found = floatValues(answer!, 1 << 20);
          worst = Math.max(worst, apart(found, expected[at]!));
          assert.equal(best(found), best(expected[at]!), `frame ${FRAMES[at]}`);
        }
        t.diagnostic(`${network}: ${worst.toExponential(1)} of the largest value apart`);
        assert.ok(worst <= TOLERANCE, `${worst}`);
      } finally {
        caller.close();
        const { code } = await server.command.stop();
        assert.equal(code, 0, server.command.output);
        await rm(join(dir, network), { recursive: true });
      }
    });
  }

  /** What the package's graphs give in plain onnxruntime. */
  async function expectedOf(network: string): Promise<Float32Array[]> {
    const { directory, manifest } = await openPackage(dir, { name: network });
    const model = await openModel(directory, manifest);
    const answers: Float32Array[] = [];
    for (const picture of pictures) {
      const { tensor } = await preprocessImage(picture, manifest.preprocessing);
      const [output] = Object.values(await model.run([tensor]));
      answers.push(output!.data as Float32Array);
    }
    await model.close();
    return answers;
  }
});

function apart(found: ArrayLike<number>, expected: Float32Array): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, at) => Math.max(most, Math.abs(found[at]! - value)), 0) / largest;
}

function best(values: ArrayLike<number>): number {
  return Array.from(values).reduce((top, value, at, all) => (value > all[top]! ? at : top), 0);
}
