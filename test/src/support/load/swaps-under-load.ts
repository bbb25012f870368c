import { setTimeout as sleep } from 'node:timers/promises';
import { renderFrame } from '@edgeslot/camera/scene';
import type { ControlClient } from '@edgeslot/edge-runtime/control-client';
import { type Asker, cameraAsker, grpcAsker } from './askers.js';
import { ExpectedAnswers } from './expected-answers.js';
import { Load } from './load.js';
import type { LoadReport, Span } from './load-report.js';
import { type Ask, type Swap, swapTo } from './swap.js';

/** A model that is swapped to, and where its package is. */
export interface SwappedModel {
  readonly id: string;
  readonly directory: string;
}

export interface SwapsOptions {
  readonly control: ControlClient;
  /** `host:port` of both doors of the module `scoring`. */
  readonly grpc: string;
  readonly http: string;
  readonly ask: Ask;
  /** In the slot when it begins is the first. */
  readonly models: readonly [SwappedModel, SwappedModel];
  readonly count: number;
  /** Different pictures to ask for. */
  readonly pictures?: number;
  /** Of one score. */
  readonly tolerance?: number;
}

export interface SwapsResult {
  readonly report: LoadReport;
  readonly swaps: readonly Swap[];
  /** When each swap was asked for and known to have ended. */
  readonly spans: readonly Span[];
  /** Resident memory of the module after each swap. */
  readonly rssBytes: readonly number[];
}

const CALLERS = 4;
const CAMERAS = 4;
const PICTURES = 8;
/** Seeds that neither the training nor the demo camera uses. */
const FIRST_SEED = 3_300_000;
/** Between two swaps, so that each model serves for a while. */
const SERVED_MS = 100;

export const loadPictures = (count = PICTURES): Promise<Uint8Array[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => renderFrame(FIRST_SEED + index)));

/** Four gRPC clients that never try again, and four cameras. */
export function usualAskers({ grpc, http }: { readonly grpc: string; readonly http: string }): Asker[] {
  return [
    ...Array.from({ length: CALLERS }, () => grpcAsker(grpc)),
    ...Array.from({ length: CAMERAS }, (_, index) => cameraAsker(http, `load-${index}`)),
  ];
}

/** Swaps to and fro between two models while clients ask without a pause, and tells what became of their calls. */
export async function swapUnderLoad(options: SwapsOptions): Promise<SwapsResult> {
  const { control, ask, models, count } = options;
  const pictures = await loadPictures(options.pictures);
  const expected = await ExpectedAnswers.of(models, pictures, options.tolerance);
  const load = new Load({ askers: usualAskers(options), pictures, expected });
  const swaps: Swap[] = [];
  const spans: Span[] = [];
  const rssBytes: number[] = [];
  let report: LoadReport;
  try {
    for (let round = 0; round < count; round++) {
      await sleep(SERVED_MS);
      // Before the next swap: by now the threads of the last one's model have ended.
      const { modules } = await control.status();
      rssBytes.push(modules.find(({ name }) => name === 'scoring')?.rssBytes ?? Number.NaN);
      const from = load.now;
      swaps.push(await swapTo(control, ask, models[(round + 1) % 2]!.id));
      spans.push({ from, to: load.now });
    }
  } finally {
    report = await load.stop();
  }
  return { report, swaps, spans, rssBytes };
}
