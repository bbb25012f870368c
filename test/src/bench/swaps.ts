import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sealManifest } from '@edgeslot/scoring/model';
import { byTwin } from '../support/load/swap.js';
import { type SwappedModel, type SwapsResult, swapUnderLoad } from '../support/load/swaps-under-load.js';
import type { ScoringModule } from '../support/scoring-manifest.js';
import { ScoringRuntime } from '../support/scoring-runtime.js';
import type { Figure } from './row.js';
import { median } from './statistics.js';

const SWAPS = 50;

export interface Twins {
  readonly modelsDir: string;
  readonly models: readonly [SwappedModel, SwappedModel];
}

/** The package and a second version with the same weights: every swap then costs the same. */
export async function twinsOf(modelsDir: string, id: string): Promise<Twins> {
  const [name, version] = id.split(':') as [string, string];
  const next = String(Number(version) + 1);
  const directory = (of: string) => join(modelsDir, name, of);
  await cp(directory(version), directory(next), { recursive: true });
  const file = join(directory(next), 'model.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify(sealManifest({ ...manifest, version: Number(next) })));
  const model = (of: string) => ({ id: `${name}:${of}`, directory: directory(of) });
  return { modelsDir, models: [model(version), model(next)] };
}

export interface MeasuredSwaps extends SwapsResult {
  /** The section `device` as the module reports it after the last swap. */
  readonly device: unknown;
}

/** Swaps to and fro, by the twin, in a module on a runtime of its own under the usual load. */
export async function measureSwaps(
  { modelsDir, models }: Twins,
  module: ScoringModule = {},
  tolerance?: number,
): Promise<MeasuredSwaps> {
  const runtime = await ScoringRuntime.start(modelsDir, { scoring: module });
  try {
    await runtime.swapTo(models[0].id);
    const { control } = runtime;
    const result = await swapUnderLoad({
      control,
      grpc: await runtime.address(),
      http: await runtime.published('8080/tcp'),
      ask: byTwin(control),
      models,
      count: SWAPS,
      ...(tolerance !== undefined && { tolerance }),
    });
    return { ...result, device: (await control.twin('scoring')).properties.reported.device };
  } finally {
    await runtime.stop();
  }
}

/** What every figure of these swaps says about its conditions. */
export function conditions({ report, spans, swaps }: SwapsResult): string {
  const text = (values: readonly number[]) =>
    `${median(values).toFixed(0)} ms, at most ${Math.max(...values).toFixed(0)}`;
  return [
    `${report.answered} calls of 4 gRPC clients and 4 cameras in a closed loop, median ${report.medianMs.toFixed(0)} ms`,
    `nobody was answered for ${text(spans.map((span) => report.darkMs(span)))}`,
    `nothing served for ${text(swaps.map(({ durations }) => durations.blackout ?? Number.NaN))} as the module reports it`,
  ].join('; ');
}

export function swapFigure(
  { spans }: SwapsResult,
  rest: Pick<Figure, 'what' | 'goal' | 'value' | 'unit' | 'spread' | 'note'>,
): Figure {
  return { ...rest, rounds: spans.length, bursts: spans.length, repeated: 0, disturbed: 0 };
}

export function failedFigure(result: SwapsResult, what: string): Figure {
  const { failed, text } = result.report;
  return swapFigure(result, {
    what,
    goal: { atMost: 0 },
    value: failed,
    unit: 'calls',
    spread: [failed, failed],
    note: failed === 0 ? 'none in all swaps' : text,
  });
}
