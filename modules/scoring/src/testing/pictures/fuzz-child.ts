import { ScoringError } from '../../errors.js';
import { Decoder } from '../../preprocess/decode.js';
import { DEFAULT_LIMITS } from '../../preprocess/limits.js';
import { within } from '../../within.js';
import { Random } from '../random.js';
import { damage } from './damage.js';
import { FLAVOURS, REFUSED_FLAVOURS } from './flavours.js';
import type { FuzzOrder, FuzzReport } from './fuzz-pictures.js';

/** Far beyond what a picture of this size takes on the slowest host. */
const BOUND_MS = 20_000;
const EVERY = 100;
/** Keeps headers that were spoilt into giants from making steps in the memory that hide a leak, or look like one. */
const LIMITS = { ...DEFAULT_LIMITS, maxPixels: 100_000 };

/**
 * Spoils pictures and decodes each, in this process: whoever started it sees a native crash as its end, and a hang as
 * silence. Tells before each block of cases where it is.
 */
async function main({ seed, cases }: FuzzOrder): Promise<void> {
  const flavours = [...FLAVOURS, ...REFUSED_FLAVOURS];
  const files: Buffer[] = [];
  for (const [index, flavour] of flavours.entries()) {
    const random = new Random(seed + index);
    files.push(Buffer.from(await flavour.make(random, 1 + random.below(80), 1 + random.below(80))));
  }
  const decoders = [
    new Decoder({ limits: LIMITS, singleThreaded: true }),
    new Decoder({ limits: LIMITS, singleThreaded: true, reduceTo: 4 }),
  ];
  const report: FuzzReport = { done: 0, decoded: 0, refused: {}, rss: 0 };
  for (let index = 0; index < cases; index++) {
    const random = new Random(seed + index);
    const [chosen, other] = [random.below(files.length), random.below(files.length)];
    const bytes = damage(files[chosen]!, files[other]!, random);
    const place = `seed ${seed}, case ${index}, ${flavours[chosen]!.name} with ${flavours[other]!.name}`;
    const decoding = tryDecode(random.pick(decoders), bytes).catch((error: unknown) => {
      throw new Error(`${place}: ${error instanceof Error ? error.stack : String(error)}`);
    });
    const code = await within(decoding, BOUND_MS, () => {
      throw new Error(`${place}: not decided within ${BOUND_MS} ms`);
    });
    if (code === undefined) report.decoded++;
    else report.refused[code] = (report.refused[code] ?? 0) + 1;
    report.done++;
    if (report.done % EVERY === 0 || report.done === cases) {
      // What is held counts, not what has yet to be collected.
      globalThis.gc!();
      process.send!({ ...report, rss: process.memoryUsage().rss } satisfies FuzzReport);
    }
  }
}

/** The code of a refusal; none when it was decoded. Anything else that is thrown is a fault of ours. */
async function tryDecode(decoder: Decoder, bytes: Buffer): Promise<string | undefined> {
  try {
    const { width, height, rgb } = await decoder.decode(bytes, 'x');
    if (rgb.length < width * height * 3) throw new Error(`${rgb.length} bytes for ${width}x${height}`);
    return undefined;
  } catch (error) {
    if (error instanceof ScoringError && error.code.startsWith('IMAGE_')) return error.code;
    throw error;
  }
}

process.once('message', (order: FuzzOrder) => {
  main(order).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
});
