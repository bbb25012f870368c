// Round trips over a card, by two ways in: the addon, and the client in plain C, each with the same bytes.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildCard, type StartedCard } from '@edgeslot/card';
import { type Card, openCard } from '@edgeslot/native';
import { quantile } from './statistics.js';

const run = promisify(execFile);
const IN = 230 * 230 * 3 * 2;
const OUT = 7 * 7 * 2048 * 2;
const BOUND_MS = 60_000;

export interface Trips {
  /** Milliseconds of one, from the caller's memory to the card and back. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

export interface TripsAsked {
  readonly trips: number;
  /** On their way at once. */
  readonly depth: number;
}

export type Travel = (card: StartedCard, asked: TripsAsked) => Promise<Trips>;

/** A process of its own, which shares no code with the addon. */
export const byPlainClient: Travel = async ({ node }, { trips, depth }) => {
  const words = [node, trips, IN, OUT, depth].map(String);
  const { stdout } = await run(join(await buildCard(), 'card-client'), words, { timeout: BOUND_MS });
  const told = /, 0 wrong, p50 ([\d.]+) us, p99 ([\d.]+) us, (\d+) per second/.exec(stdout);
  if (!told) throw new Error(`the plain client: ${stdout.trim()}`);
  const [p50, p99, perSecond] = told.slice(1).map(Number) as [number, number, number];
  return { p50: p50 / 1000, p99: p99 / 1000, perSecond };
};

export const byAddon: Travel = async ({ node, sysfsDir }, { trips, depth }) => {
  const card = await openCard(node, { sysfs: join(sysfsDir, 'catapult0'), slots: depth });
  try {
    const times: number[] = [];
    let next = 0;
    const start = performance.now();
    const lane = async () => {
      const buffers = { input: new Uint8Array(IN), output: new Uint8Array(OUT) };
      while (next < trips) times.push(await trip(card, buffers, next++ % 256));
    };
    await Promise.all(Array.from({ length: depth }, lane));
    const seconds = (performance.now() - start) / 1000;
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), perSecond: trips / seconds };
  } finally {
    await card.close();
  }
};

/** Filled before and compared after the time is taken, as the client in C does. */
async function trip(
  card: Card,
  { input, output }: { input: Uint8Array; output: Uint8Array },
  pattern: number,
): Promise<number> {
  input.fill(pattern);
  const start = performance.now();
  await card.loopback(input, output);
  const time = performance.now() - start;
  // As memcmp of the bytes with themselves, one later.
  const same = Buffer.compare(output.subarray(1), output.subarray(0, -1)) === 0;
  if (output[0] !== pattern || !same) throw new Error(`the addon gave a wrong answer to ${pattern}`);
  return time;
}
