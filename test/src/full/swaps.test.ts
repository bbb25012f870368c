import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { median } from '../bench/statistics.js';
import { type DemoModels, demoModels } from '../support/demo-models.js';
import { memoryTrend } from '../support/flat-memory.js';
import { type Ask, byMethod, byReload, byTwin } from '../support/load/swap.js';
import { type SwapsResult, swapUnderLoad } from '../support/load/swaps-under-load.js';
import { ScoringRuntime } from '../support/scoring-runtime.js';

const SWAPS = 200;

describe('200 swaps to and fro under four gRPC clients and four cameras', () => {
  let models: DemoModels;
  let runtime: ScoringRuntime;
  let pid: number | undefined;

  before(async () => {
    models = await demoModels();
    runtime = await ScoringRuntime.start(models.modelsDir);
    await runtime.swapTo(models.object.id);
    ({ pid } = await runtime.module());
  });
  after(() => runtime?.stop());

  const asked: Readonly<Record<string, () => Ask | Promise<Ask>>> = {
    twin: () => byTwin(runtime.control),
    method: () => byMethod(runtime.control),
    rpc: async () => byReload(await runtime.address()),
  };
  for (const [way, ask] of Object.entries(asked)) {
    it(`asked for by ${way}: no call fails, every answer is right, memory stays flat`, async (t) => {
      const result = await swapUnderLoad({
        control: runtime.control,
        grpc: await runtime.address(),
        http: await runtime.published('8080/tcp'),
        ask: await ask(),
        models: [models.object, models.colour],
        count: SWAPS,
      });
      tell(t, result);
      const { report, swaps, rssBytes } = result;
      assert.equal(report.failed, 0, report.text);
      assert.deepEqual([...report.recorded.byModel.keys()].sort(), [models.colour.id, models.object.id]);
      assert.deepEqual([...new Set(swaps.map(({ requestedBy }) => requestedBy))], [way]);
      assert.deepEqual([(await runtime.module()).pid, (await runtime.module()).restartCount], [pid, 0]);
      const trend = memoryTrend(rssBytes);
      assert.ok(trend.flat, JSON.stringify(trend));
    });
  }
});

function tell(t: TestContext, { report, swaps, spans, rssBytes }: SwapsResult): void {
  const blackouts = spans.map((span) => report.blackoutMs(span));
  const text = (values: readonly number[]) =>
    `p50 ${median(values).toFixed(0)} ms, most ${Math.max(...values).toFixed(0)} ms`;
  t.diagnostic(report.text);
  t.diagnostic(
    `blackout seen by the clients: ${text(blackouts)}; the median call took ${report.medianMs.toFixed(0)} ms`,
  );
  t.diagnostic(`blackout reported by the module: ${text(swaps.map(({ durations }) => durations.blackout!))}`);
  const { slope, interval, ratio } = memoryTrend(rssBytes);
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(0)} KB`;
  t.diagnostic(
    `memory ${(median(rssBytes) / 1e6).toFixed(0)} MB, slope ${kb(slope)} a swap (95 %: ${interval.map(kb).join(' to ')}), last quarter / first ${ratio.toFixed(3)}`,
  );
}
