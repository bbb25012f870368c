import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { floatValues } from '@edgeslot/tensorflow-serving';
import { type DemoModels, demoModels, linkedModels } from './support/demo-models.js';
import { OUTPUT, PredictCaller } from './support/predict-call.js';
import { ReferenceScorer } from './support/reference-scores.js';
import { type ScoringServer, startScoringServer } from './support/scoring-server.js';
import { VirtualCard } from './support/virtual-card.js';
import { waitFor } from './support/wait-for.js';

const skip = (await VirtualCard.whyNotHere()) ?? false;

/** Features come from the card as halves: a probability may be off by as much. */
const TOLERANCE = 5e-3;
const FRAMES = [3_000_001, 3_000_002, 3_000_003, 3_000_010, 3_000_017, 3_000_020];

describe('edgeslot serve scores on the virtual card as the emulator does', { skip }, () => {
  let card: VirtualCard;
  let server: ScoringServer;
  let models: DemoModels;
  let modelsDir: string;
  let reference: ReferenceScorer;
  let caller: PredictCaller;

  before(async () => {
    models = await demoModels();
    modelsDir = await linkedModels(models);
    card = await VirtualCard.start();
    server = await startScoringServer(modelsDir, 'belt-object', ['--device', 'catapult', '--card', card.directory]);
    reference = await ReferenceScorer.open(models.object.directory);
    caller = new PredictCaller(server.grpc);
  });
  after(async () => {
    caller?.close();
    await reference?.close();
    const { code } = await server.command.stop('SIGTERM');
    await card.remove();
    await rm(modelsDir, { recursive: true, force: true });
    assert.equal(code, 0, server.command.output);
  });

  const scores = async (picture: Uint8Array) =>
    floatValues((await caller.images(picture)).outputs.get(OUTPUT)!, 1 << 20);

  it('and says what it is', async () => {
    assert.match(server.line, / device=virtual-card$/);
    const ready = (await (await fetch(`http://${server.http}/ready`)).json()) as { device: string };
    assert.equal(ready.device, 'virtual-card');
  });

  it('over gRPC: the same best class on every frame, probabilities within half precision', async () => {
    for (const seed of FRAMES) {
      const picture = await renderFrame(seed);
      const [found, expected] = [await scores(picture), await reference.scores(picture)];
      assert.equal(best(found), best(expected), `frame ${seed}`);
      for (const [at, value] of expected.entries()) {
        assert.ok(Math.abs(found[at]! - value) <= TOLERANCE, `frame ${seed}, class ${at}: ${found[at]} and ${value}`);
      }
    }
  });

  it('again, by itself, when the card died and came back', async () => {
    const picture = await renderFrame(FRAMES[0]!);
    const expected = best(await reference.scores(picture));
    await card.fault('death');
    await assert.rejects(scores(picture), { code: 14 });
    await card.startAgain();
    const found = await waitFor('an answer', () => scores(picture).catch(() => undefined));
    assert.equal(best(found), expected);
    assert.ok(server.command.running);
  });
});

function best(values: ArrayLike<number>): number {
  return Array.from(values).reduce((top, value, at, all) => (value > all[top]! ? at : top), 0);
}
