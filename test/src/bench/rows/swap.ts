import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PythonError } from '@edgeslot/model-tools';
import { sealManifest } from '@edgeslot/scoring/model';
import { byTwin } from '../../support/load/swap.js';
import { type SwappedModel, type SwapsResult, swapUnderLoad } from '../../support/load/swaps-under-load.js';
import { ScoringRuntime } from '../../support/scoring-runtime.js';
import { makeResNet50 } from '../resnet50.js';
import type { BenchContext, Figure, Row } from '../row.js';
import { median, quartiles } from '../statistics.js';

const SWAPS = 50;

/** What a swap costs the callers: the longest time in which nobody was answered, less the median call. */
export const swap: Row = {
  name: 'swap',
  measure: async (context) => {
    const models = await int8Twins(context).catch((error: unknown) => {
      if (error instanceof PythonError) return error;
      throw error;
    });
    if (models instanceof PythonError) return { notMeasured: models.message };
    context.say(`swaps ${SWAPS} times`);
    return { figures: swapFigures('int8 ResNet-50, emulator', await measureSwaps(models)) };
  },
};

interface Twins {
  readonly modelsDir: string;
  readonly models: readonly [SwappedModel, SwappedModel];
}

/** Two packages with the same int8 weights: every swap then costs the same. */
async function int8Twins(context: BenchContext): Promise<Twins> {
  const { modelsDir, int8 } = await makeResNet50(context);
  const [name, version] = int8.split(':') as [string, string];
  const next = String(Number(version) + 1);
  const directory = (of: string) => join(modelsDir, name, of);
  await cp(directory(version), directory(next), { recursive: true });
  const file = join(directory(next), 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify(sealManifest({ ...manifest, version: Number(next) })));
  const model = (of: string) => ({ id: `${name}:${of}`, directory: directory(of) });
  return { modelsDir, models: [model(version), model(next)] };
}

async function measureSwaps({ modelsDir, models }: Twins): Promise<SwapsResult> {
  const runtime = await ScoringRuntime.start(modelsDir);
  try {
    await runtime.swapTo(models[0].id);
    return await swapUnderLoad({
      control: runtime.control,
      grpc: await runtime.address(),
      http: await runtime.published('8080/tcp'),
      ask: byTwin(runtime.control),
      models,
      count: SWAPS,
    });
  } finally {
    await runtime.stop();
  }
}

function swapFigures(what: string, { report, spans, swaps }: SwapsResult): Figure[] {
  const blackouts = spans.map((span) => report.blackoutMs(span));
  const dark = spans.map((span) => report.darkMs(span));
  const own = swaps.map(({ durations }) => durations.blackout ?? Number.NaN);
  const text = (values: readonly number[]) =>
    `${median(values).toFixed(0)} ms, at most ${Math.max(...values).toFixed(0)}`;
  const note = [
    `${report.answered} calls of 4 gRPC clients and 4 cameras in a closed loop, median ${report.medianMs.toFixed(0)} ms`,
    `nobody was answered for ${text(dark)}`,
    `nothing served for ${text(own)} as the module reports it`,
  ].join('; ');
  const figure = (rest: Pick<Figure, 'what' | 'goal' | 'value' | 'unit' | 'spread' | 'note'>): Figure => ({
    ...rest,
    rounds: spans.length,
    bursts: spans.length,
    repeated: 0,
    disturbed: 0,
  });
  const [low, high] = quartiles(blackouts);
  const most = Math.max(...blackouts);
  return [
    figure({
      what: `${what}: blackout`,
      goal: { atMost: 100 },
      value: median(blackouts),
      unit: 'ms',
      spread: [low, high],
      note,
    }),
    figure({
      what: `${what}: longest blackout`,
      goal: { atMost: 250 },
      value: most,
      unit: 'ms',
      spread: [low, high],
      note: `of ${spans.length} swaps`,
    }),
    figure({
      what: `${what}: failed calls`,
      goal: { atMost: 0 },
      value: report.failed,
      unit: 'calls',
      spread: [report.failed, report.failed],
      note: report.failed === 0 ? 'none in all swaps' : report.text,
    }),
  ];
}
