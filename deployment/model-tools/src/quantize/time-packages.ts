import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { FrameRunner } from '@edgeslot/scoring/device';
import { DEFAULT_LIMITS } from '@edgeslot/scoring/preprocess';
import type { RunnablePackage } from '../evaluate/run-pictures.js';
import type { TaskProgress } from '../worker/progress.js';

export interface TimePackagesOptions {
  readonly packages: readonly RunnablePackage[];
  /** Pictures that the packages can score. */
  readonly files: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface PackageTimes {
  /** Milliseconds until the graphs are ready, their files read before. */
  readonly loadMs: number;
  readonly latency: readonly Latency[];
}

export interface Latency {
  readonly threads: number;
  /** Median milliseconds of featurizer and classifier for one picture; decoding is the same for all numbers. */
  readonly p50Ms: number;
  readonly pictures: number;
}

/** One frame does not fill more. */
const MOST_THREADS = 4;
const WARM_UP = 2;
const ROUNDS = 5;
/** Pictures of one package in a row: few enough to take turns, enough not to live on what the other left in the caches. */
const IN_A_ROW = 5;
/** A slow network on a slow machine is timed in fewer rounds. */
const LONG_ENOUGH_MS = 15_000;

/**
 * Times packages on one thread and on all cores, at most four, as a lane of the emulator has. They take turns, so that
 * what else the machine does meanwhile befalls all alike. For worker threads: it blocks.
 */
export async function timePackages(options: TimePackagesOptions): Promise<readonly PackageTimes[]> {
  const { packages, files, signal, onProgress } = options;
  const choices = [...new Set([1, Math.min(MOST_THREADS, availableParallelism())])];
  const images = await Promise.all(files.slice(0, IN_A_ROW).map((file) => readFile(file)));
  const total = choices.length * ROUNDS;
  const timed: (readonly Timed[])[] = [];
  for (const [index, threads] of choices.entries()) {
    const onRound = (round: number) =>
      onProgress({ phase: 'pictures', done: index * ROUNDS + round, total, cached: 0 });
    timed.push(await takeTurns(packages, { threads, images, signal, onRound }));
  }
  return packages.map((_, index) => ({
    loadMs: Math.min(...timed.map((one) => one[index]!.loadMs)),
    latency: timed.map((one) => one[index]!.latency),
  }));
}

interface Timed {
  readonly loadMs: number;
  readonly latency: Latency;
}

interface Turns {
  readonly threads: number;
  readonly images: readonly Uint8Array[];
  readonly signal: AbortSignal;
  readonly onRound: (done: number) => void;
}

async function takeTurns(
  packages: readonly RunnablePackage[],
  { threads, images, signal, onRound }: Turns,
): Promise<readonly Timed[]> {
  const open: { readonly runner: FrameRunner; readonly loadMs: number; readonly times: number[] }[] = [];
  try {
    for (const { directory, manifest } of packages) {
      signal.throwIfAborted();
      const start = performance.now();
      const runner = await FrameRunner.open({ directory, manifest, threads, limits: DEFAULT_LIMITS });
      open.push({ runner, loadMs: performance.now() - start, times: [] });
      for (let run = 0; run < WARM_UP; run++) await runner.run({ kind: 'images', images: images.slice(0, 1) });
    }
    const start = performance.now();
    for (let round = 0; round < ROUNDS && (round === 0 || performance.now() - start < LONG_ENOUGH_MS); round++) {
      for (const { runner, times } of open) {
        for (let turn = 0; turn < IN_A_ROW; turn++) {
          signal.throwIfAborted();
          const { timings } = await runner.run({ kind: 'images', images: [images[turn % images.length]!] });
          times.push(timings.featurize + timings.classify);
        }
      }
      onRound(round + 1);
    }
    return open.map(({ loadMs, times }) => ({
      loadMs,
      latency: { threads, p50Ms: median(times), pictures: times.length },
    }));
  } finally {
    for (const { runner } of open) await runner.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
