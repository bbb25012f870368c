import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { renderFrame } from '@edgeslot/camera/scene';
import { cardStatus } from '@edgeslot/card';
import { writeSsdPackage, writeTinyPackage } from '@edgeslot/scoring/testing';
import { floatValues } from '@edgeslot/tensorflow-serving';
import { OUTPUT, PredictCaller } from '../support/predict-call.js';
import { edgeslot } from '../support/run-command.js';
import { type ScoringServer, startScoringServer } from '../support/scoring-server.js';
import { VirtualCard } from '../support/virtual-card.js';
import { waitFor } from '../support/wait-for.js';

const TOLERANCE = 1e-3;
const UNAVAILABLE = { code: 14 };

describe('a scoring server through every fault of its card', () => {
  let dir: string;
  let card: VirtualCard;
  let server: ScoringServer;
  let caller: PredictCaller;
  let picture: Buffer;
  let expected: Float32Array;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'edgeslot-card-faults-'));
    await writeTinyPackage(dir);
    await writeSsdPackage(dir, { name: 'parts' });
    picture = await renderFrame(3_000_001);
    const emulated = await start('tiny', 'emulator');
    expected = await scores(emulated);
    await emulated.command.stop();
    card = await VirtualCard.start();
  });
  after(async () => {
    await card?.remove();
    await rm(dir, { recursive: true, force: true });
  });
  // A server remembers how often its card failed.
  beforeEach(() => serve('tiny', 'auto'));
  afterEach(async () => {
    await stop();
    await card.fault('clear').catch(() => card.startAgain());
  });

  const serve = async (model: string, device: string) => {
    server = await start(model, device);
    caller = new PredictCaller(server.grpc);
  };
  const stop = async () => {
    caller.close();
    const { code } = await server.command.stop();
    assert.equal(code, 0, server.command.output);
  };
  const start = (model: string, device: string) =>
    startScoringServer(dir, model, ['--device', device, ...(card ? ['--card', card.directory] : [])]);

  async function scores(one: ScoringServer): Promise<Float32Array> {
    const own = new PredictCaller(one.grpc);
    try {
      return floatValues((await own.images(picture)).outputs.get(OUTPUT)!, 1 << 20);
    } finally {
      own.close();
    }
  }
  const score = async () => floatValues((await caller.images(picture)).outputs.get(OUTPUT)!, 1 << 20);
  const kindOf = async (one: ScoringServer) => {
    const response = await fetch(`http://${one.http}/ready`);
    return response.ok ? ((await response.json()) as { device: string }).device : undefined;
  };
  const comesTo = (kind: string, one = server) =>
    waitFor(`device ${kind}`, async () => ((await kindOf(one)) === kind ? true : undefined));
  const metric = async (name: string) => {
    const text = await (await fetch(`http://${server.metrics}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const isRight = (found: ArrayLike<number>) => {
    for (const [at, value] of expected.entries()) {
      assert.ok(Math.abs(found[at]! - value) <= TOLERANCE, `class ${at}: ${found[at]} and ${value}`);
    }
  };
  /** The failed frame is told as one to be sent again; the card has been reset, and serves. */
  const losesOneFrame = async () => {
    const resets = await metric('edgeslot_card_resets');
    await assert.rejects(score(), UNAVAILABLE);
    isRight(await waitFor('an answer', () => score().catch(() => undefined)));
    assert.equal(await kindOf(server), 'virtual-card');
    assert.equal(await metric('edgeslot_card_resets'), resets + 1);
  };

  it('scores on it', async () => {
    assert.equal(await kindOf(server), 'virtual-card');
    isRight(await score());
  });

  it('exception: one frame is lost, the card is reset', async () => {
    await card.fault('exception');
    await losesOneFrame();
  });

  it('timeout: likewise, after ten seconds', async () => {
    await card.fault('timeout');
    await losesOneFrame();
  });

  it('late: the answer is the right one all the same', async () => {
    await card.fault('late', 400);
    isRight(await score());
  });

  it('stale: an answer of another owner is dropped and counted', async () => {
    const before = await metric('edgeslot_card_stale_answers');
    await card.fault('stale');
    isRight(await score());
    assert.equal(await metric('edgeslot_card_stale_answers'), before + 1);
  });

  it('the process that computes dies: as an exception', async () => {
    await card.fault('compute');
    await losesOneFrame();
  });

  it('gone from the bus: the emulator takes over, without a frame that had to find out; back when the card is', async () => {
    await card.fault('gone', 1);
    await comesTo('emulator');
    isRight(await score());
    await card.fault('gone', 0);
    await comesTo('virtual-card');
    isRight(await score());
    assert.match(server.command.stderr + server.command.stdout, /device: emulator/);
  });

  it('too hot: the emulator until it has cooled down', async () => {
    await card.fault('temperature', 101);
    await comesTo('emulator');
    isRight(await score());
    await card.fault('temperature', 60);
    await comesTo('virtual-card');
    assert.equal(await metric('edgeslot_card_temperature_celsius'), 60);
  });

  it('memory errors and warmth are warnings: it serves on', async () => {
    await card.fault('ecc', 3);
    await card.fault('temperature', 96);
    isRight(await score());
    assert.equal(await kindOf(server), 'virtual-card');
  });

  it('the card dies: the emulator; it is started again: back, in the same process', async () => {
    await card.fault('death');
    await score().catch(() => undefined);
    await comesTo('emulator');
    isRight(await score());
    const list = await edgeslot(['device', 'list', '--card', card.directory]);
    assert.match(list.stdout, /does not answer as it should|not usable/);
    await card.startAgain();
    await comesTo('virtual-card');
    isRight(await score());
  });

  it('held by another module: the emulator, until that one stops', async () => {
    const first = server;
    await serve('tiny', 'auto');
    assert.match(server.line, /device=emulator$/);
    assert.match(server.command.stderr + server.command.stdout, /catapult0 cannot be used: BUSY/);
    const { stdout } = await edgeslot(['device', 'list', '--card', card.directory]);
    assert.match(stdout, new RegExp(`held by +process ${first.command.child.pid} `));
    assert.equal((await first.command.stop()).code, 0);
    await comesTo('virtual-card');
    isRight(await score());
  });

  for (const fault of ['enospc', 'ebusy', 'eacces']) {
    it(`${fault} when it is opened: the emulator first, then the card`, async () => {
      await stop();
      await card.fault(fault, 1000);
      await serve('tiny', 'auto');
      assert.match(server.line, /device=emulator$/);
      isRight(await score());
      await card.fault('clear');
      await comesTo('virtual-card');
      isRight(await score());
    });
  }

  it('calls that are interrupted are made again', async () => {
    await card.fault('eintr', 20);
    isRight(await score());
  });

  it('it dies while it is loaded: the emulator, and back', async () => {
    await stop();
    const starting = serve('tiny', 'auto');
    await waitFor('a load', async () => ((await cardStatus(card.directory)).slotsOwned !== '0' ? true : undefined));
    await card.fault('death');
    await starting;
    isRight(await waitFor('an answer', () => score().catch(() => undefined)));
    await card.startAgain();
    await comesTo('virtual-card');
    isRight(await score());
  });

  it('catapult alone never falls back, and recovers by itself', async () => {
    await stop();
    await serve('tiny', 'catapult');
    await card.fault('death');
    await assert.rejects(score(), UNAVAILABLE);
    // A short gap is no reason to be taken out of service; this one lasts.
    await waitFor('not ready', async () => (await fetch(`http://${server.http}/ready`)).status === 503 || undefined);
    await card.startAgain();
    await comesTo('virtual-card');
    isRight(await score());
  });

  it('a package that no card runs: the emulator with auto, refused with catapult', async () => {
    await stop();
    await serve('parts', 'auto');
    assert.match(server.line, /device=emulator$/);
    const args = ['--models', dir, '--model', 'parts', '--card', card.directory];
    const { code, stderr } = await edgeslot(['serve', '--device', 'catapult', ...args, '--grpc-port', '0']);
    assert.equal(code, 1);
    assert.match(stderr, /parts:1 cannot run on a Catapult card: its featurizer gives 12 tensors, a card gives one/);
  });
});
