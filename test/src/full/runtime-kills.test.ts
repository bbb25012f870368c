import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomNumbers } from '@edgeslot/detection/testing';
import { median } from '../bench/statistics.js';
import { type DemoModels, demoModels } from '../support/demo-models.js';
import { grpcAsker } from '../support/load/askers.js';
import { ExpectedAnswers } from '../support/load/expected-answers.js';
import { byTwin, liveSlot } from '../support/load/swap.js';
import { loadPictures } from '../support/load/swaps-under-load.js';
import { isAlive } from '../support/processes.js';
import type { ScoringModule } from '../support/scoring-manifest.js';
import { ScoringRuntime } from '../support/scoring-runtime.js';
import { waitFor } from '../support/wait-for.js';

const KILLS = 10;
const SEED = 7;
/** A kill comes at a random moment of this time after a swap or a hand-over was asked for. */
const WITHIN_MS = 2500;
const BOUND_MS = 120_000;
const LEASE_DIR = '/var/lib/edgeslot/lease';
const MODULES = ['scoring', 'second'] as const;

const module = (model: string): ScoringModule => ({
  env: { MODEL_NAME: model, LEASE_DIR: '/lease' },
  binds: [`${LEASE_DIR}:/lease`],
});

describe('a runtime with two modules for one device, killed in the middle of swaps and hand-overs', () => {
  let models: DemoModels;
  let pictures: Uint8Array[];
  let expected: ExpectedAnswers;
  let runtime: ScoringRuntime;

  before(async () => {
    models = await demoModels();
    pictures = await loadPictures(1);
    expected = await ExpectedAnswers.of([models.object, models.colour], pictures);
    runtime = await ScoringRuntime.start(models.modelsDir, {
      scoring: module('belt-object'),
      second: module('belt-colour'),
    });
  });
  after(() => runtime?.stop());

  /** One module serves and the other has given the device up: which ones. */
  const settled = () =>
    waitFor(
      'one module to serve and one to wait',
      async () => {
        const slots = await Promise.all(MODULES.map((name) => liveSlot(runtime.control, name)));
        const serving = slots.findIndex(({ state }) => state === 'AVAILABLE');
        const other = slots[1 - serving];
        const yielded = other?.state === 'END' && /^LEASE_/.test(other.error?.code ?? '');
        return serving >= 0 && yielded ? { holder: MODULES[serving]!, waiter: MODULES[1 - serving]! } : undefined;
      },
      BOUND_MS,
    );
  const answersRightly = async (name: string) => {
    const asker = grpcAsker(await runtime.address(name));
    try {
      const { model, scores } = await asker.ask(pictures[0]!);
      assert.equal(expected.fault(model, 0, scores), undefined);
    } finally {
      asker.close();
    }
  };

  it('leaves no process and no lock, and a new one comes to one serving module each time', async (t) => {
    const random = randomNumbers(SEED);
    const times: number[] = [];
    let { holder, waiter } = await settled();
    for (let round = 0; round < KILLS; round++) {
      await answersRightly(holder);
      const { model } = await liveSlot(runtime.control, holder);
      const other = model === models.object.id ? models.colour.id : models.object.id;
      const swaps = random() < 0.5;
      // What is asked for may never be answered: the runtime is killed meanwhile.
      const asked = swaps ? byTwin(runtime.control, holder)(other) : runtime.control.restart(waiter);
      asked.catch(() => {});
      await sleep(random() * WITHIN_MS);
      const family = await runtime.kill();
      assert.ok(family.length >= MODULES.length, String(family));
      await waitFor('its modules to end', () => (family.some(isAlive) ? undefined : true));
      // The kernel lets go of it when the last thread of a process is gone.
      const lease = runtime.hostPath(`${LEASE_DIR}/emulator.lease`);
      await waitFor('the lease to be free', async () => ((await locked(lease)) ? undefined : true));
      const start = performance.now();
      runtime = await runtime.again();
      ({ holder, waiter } = await settled());
      times.push(performance.now() - start);
    }
    await answersRightly(holder);
    t.diagnostic(
      `${KILLS} kills, seed ${SEED}; from the new runtime's start to one serving module: ` +
        `median ${(median(times) / 1000).toFixed(1)} s, most ${(Math.max(...times) / 1000).toFixed(1)} s`,
    );
  });
});

/** Whether anybody holds a lock on the file (Linux). */
async function locked(file: string): Promise<boolean> {
  const { ino } = await stat(file);
  return (await readFile('/proc/locks', 'utf8')).split('\n').some((line) => line.includes(`:${ino} `));
}
