import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DemoModels, demoModels } from '../support/demo-models.js';
import { retryingAsker } from '../support/load/askers.js';
import { ExpectedAnswers } from '../support/load/expected-answers.js';
import { Load } from '../support/load/load.js';
import { reportedSlot } from '../support/load/swap.js';
import { loadPictures } from '../support/load/swaps-under-load.js';
import type { ScoringModule } from '../support/scoring-manifest.js';
import { ScoringRuntime } from '../support/scoring-runtime.js';
import { waitFor } from '../support/wait-for.js';

const REPLACEMENTS = 6;
const OVERLAPS = 3;
const CLIENTS = 4;
/** Answers to each client before the next change, so that none of them still waits through the last. */
const ANSWERS = 5;
const LEASE = { env: { LEASE_DIR: '/lease' }, binds: ['/var/lib/edgeslot/lease:/lease'] };

describe('clients that try again as the stock client does', () => {
  let models: DemoModels;
  let pictures: Uint8Array[];
  let expected: ExpectedAnswers;
  let runtime: ScoringRuntime | undefined;

  before(async () => {
    models = await demoModels();
    pictures = await loadPictures();
    expected = await ExpectedAnswers.of([models.object, models.colour], pictures);
  });
  after(() => runtime?.stop());

  const holds = (model: string, module = 'scoring') =>
    waitFor(`${model} in the slot of ${module}`, async () => {
      const slot = await reportedSlot(runtime!.control, module);
      return slot.state === 'AVAILABLE' && slot.model === model ? true : undefined;
    });
  const clientsOf = async (module: string) => {
    const address = await runtime!.address(module);
    return new Load({ askers: Array.from({ length: CLIENTS }, () => retryingAsker(address)), pictures, expected });
  };
  /** Each client has been answered again and again since. */
  const served = async (load: Load) => {
    const wanted = load.answers.map((answers) => answers + ANSWERS);
    await waitFor('every client to be answered', () =>
      load.answers.every((answers, client) => answers >= wanted[client]!) ? true : undefined,
    );
  };
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

  it('lose no call when the agent replaces the module', async (t) => {
    const deployments = [
      { id: models.object.id, module: { tag: '1.0.0-a', env: { MODEL_NAME: 'belt-object' } } },
      { id: models.colour.id, module: { tag: '1.0.0-b', env: { MODEL_NAME: 'belt-colour' } } },
    ] as const;
    runtime = await ScoringRuntime.start(models.modelsDir, { scoring: deployments[0].module });
    await holds(models.object.id);
    const load = await clientsOf('scoring');
    const pids = new Set([(await runtime.module()).pid]);
    const spans = [];
    for (let round = 1; round <= REPLACEMENTS; round++) {
      await served(load);
      const { id, module } = deployments[round % 2]!;
      const from = load.now;
      await runtime.deploy({ scoring: module });
      await holds(id);
      spans.push({ from, to: load.now });
      pids.add((await runtime.module()).pid);
    }
    await served(load);
    const report = await load.stop();
    const dark = spans.map((span) => report.darkMs(span));
    t.diagnostic(report.text);
    t.diagnostic(
      `nobody was answered for ${dark.map(seconds).join(', ')}; the longest wait was ${seconds(report.longestMs)}`,
    );
    assert.equal(report.failed, 0, report.text);
    assert.equal(pids.size, REPLACEMENTS + 1);
    assert.deepEqual([...report.recorded.byModel.keys()].sort(), [models.colour.id, models.object.id]);
    await runtime.stop();
    runtime = undefined;
  });

  it('lose no call of either module when a second one takes the device and goes again', async (t) => {
    const first: ScoringModule = { ...LEASE, env: { ...LEASE.env, MODEL_NAME: 'belt-object' } };
    const second: ScoringModule = { ...LEASE, env: { ...LEASE.env, MODEL_NAME: 'belt-colour' } };
    runtime = await ScoringRuntime.start(models.modelsDir, { scoring: first });
    await holds(models.object.id);
    const load = await clientsOf('scoring');
    const others: Load[] = [];
    for (let round = 0; round < OVERLAPS; round++) {
      await served(load);
      await runtime.deploy({ scoring: first, second });
      const other = await clientsOf('second');
      others.push(other);
      await served(other);
      const slots = await Promise.all(['scoring', 'second'].map((name) => reportedSlot(runtime!.control, name)));
      assert.deepEqual(
        slots.map(({ state, error }) => [state, error?.code]),
        [
          ['END', 'LEASE_HANDED_OVER'],
          ['AVAILABLE', undefined],
        ],
      );
      const report = await other.stop();
      assert.equal(report.failed, 0, report.text);
      t.diagnostic(`second module: ${report.text}; the longest wait was ${seconds(report.longestMs)}`);
      await runtime.deploy({ scoring: first });
      await holds(models.object.id);
    }
    await served(load);
    const report = await load.stop();
    t.diagnostic(`first module: ${report.text}; the longest wait was ${seconds(report.longestMs)}`);
    assert.equal(report.failed, 0, report.text);
    assert.deepEqual([...report.recorded.byModel.keys()], [models.object.id]);
    assert.equal((await runtime.module()).restartCount, 0);
  });
});
