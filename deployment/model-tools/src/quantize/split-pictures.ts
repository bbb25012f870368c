import { holdOut } from '../head/hold-out.js';
import { digestFile } from '../registry/digest.js';

export interface PictureSplit {
  /** The quantiser learns its ranges from these. */
  readonly calibration: readonly string[];
  /** None of them is among the others, not even as a copy. */
  readonly heldOut: readonly string[];
  /** Copies of a picture that another file is already; left out. */
  readonly duplicates: number;
}

export interface SplitOptions {
  /** How many to calibrate on at most. */
  readonly samples: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Seven to calibrate on and three to measure with: below that, neither means anything. */
export const LEAST_PICTURES = 10;
/** Of a long recording as many, evenly spread, are as good as all. */
const MOST_READ = 2000;
const MOST_MEASURED = 200;
const HELD_OUT_SHARE = 1 / 3;

/**
 * Sets a third of the pictures aside to measure with. The seed and the pictures' contents decide which, so names and
 * dates of files do not matter. Throws RangeError when there are too few.
 */
export async function splitPictures(files: readonly string[], options: SplitOptions): Promise<PictureSplit> {
  const { samples, seed, signal } = options;
  const read = spread(files, MOST_READ);
  const seen = new Map<string, { readonly file: string; readonly label: number; readonly sha256: string }>();
  for (const file of read) {
    signal?.throwIfAborted();
    const { sha256 } = await digestFile(file, signal);
    if (!seen.has(sha256)) seen.set(sha256, { file, label: 0, sha256 });
  }
  if (seen.size < LEAST_PICTURES) {
    throw new RangeError(
      `expected ${LEAST_PICTURES} or more different pictures, found ${seen.size}: two thirds of them set the ranges, the rest measure; 100 or more of what the camera sees are better`,
    );
  }
  const { training, heldOut } = holdOut([...seen.values()], HELD_OUT_SHARE, seed);
  const filesOf = (pictures: readonly { readonly file: string }[], most: number) =>
    pictures.slice(0, most).map(({ file }) => file);
  return {
    calibration: filesOf(training, samples),
    heldOut: filesOf(heldOut, MOST_MEASURED),
    duplicates: read.length - seen.size,
  };
}

function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, index) => items[Math.floor((index * items.length) / most)]!);
}
