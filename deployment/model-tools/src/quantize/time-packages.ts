import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { FrameRunner, planLanes } from '@edgeslot/scoring/device';
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

const WARM_UP = 2;
const MOST_PICTURES = 25;
const LEAST_PICTURES = 3;
/** A slow network on a slow machine is timed on fewer pictures. */
const LONG_ENOUGH_MS = 8000;

/**
 * Times packages on one thread and on as many as a lane of the emulator has here, one package after the other, so that
 * none takes the caches from another. For worker threads: it blocks.
 */
export async function timePackages(options: TimePackagesOptions): Promise<readonly PackageTimes[]> {
  const { packages, files, signal, onProgress } = options;
  const threads = [...new Set([1, planLanes('auto', availableParallelism(), totalmem()).threadsPerLane])];
  const images = await Promise.all(files.slice(0, MOST_PICTURES).map((file) => readFile(file)));
  const total = packages.length * threads.length;
  const results: PackageTimes[] = [];
  for (const one of packages) {
    const latency: Latency[] = [];
    let loadMs = Number.POSITIVE_INFINITY;
    for (const count of threads) {
      const timed = await timeOne(one, count, images, signal);
      loadMs = Math.min(loadMs, timed.loadMs);
      latency.push(timed.latency);
      onProgress({ phase: 'pictures', done: results.length * threads.length + latency.length, total, cached: 0 });
    }
    results.push({ loadMs, latency });
  }
  return results;
}

async function timeOne(
  { directory, manifest }: RunnablePackage,
  threads: number,
  images: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<{ readonly loadMs: number; readonly latency: Latency }> {
  signal.throwIfAborted();
  const start = performance.now();
  const runner = await FrameRunner.open({ directory, manifest, threads, limits: DEFAULT_LIMITS });
  const loaded = performance.now();
  try {
    for (let round = 0; round < WARM_UP; round++) await runner.run({ kind: 'images', images: images.slice(0, 1) });
    const times: number[] = [];
    for (let at = 0; at < MOST_PICTURES; at++) {
      signal.throwIfAborted();
      if (at >= LEAST_PICTURES && performance.now() - loaded > LONG_ENOUGH_MS) break;
      const { timings } = await runner.run({ kind: 'images', images: [images[at % images.length]!] });
      times.push(timings.featurize + timings.classify);
    }
    return { loadMs: loaded - start, latency: { threads, p50Ms: median(times), pictures: times.length } };
  } finally {
    await runner.close();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
