const CYCLES = 150;
/** Of the normal distribution, which 150 values are enough for. */
const TWO_SIDED_95 = 1.96;
const MOST_DRIFT = 0.03;

export interface Flatness {
  readonly flat: boolean;
  /** One line with the figures. */
  readonly text: string;
}

/**
 * Whether memory stays what it is: the 95 % interval of the slope over the last 150 samples contains 0, and the median
 * of their last quarter is within 3 % of that of their first. Growth is what counts: memory may be given back.
 */
export function flatness(bytes: readonly number[]): Flatness {
  if (bytes.length < CYCLES) throw new RangeError(`expected ${CYCLES} samples or more, found ${bytes.length}`);
  const last = bytes.slice(-CYCLES);
  const { slope, error } = fittedSlope(last);
  const quarter = Math.floor(CYCLES / 4);
  const drift = median(last.slice(-quarter)) / median(last.slice(0, quarter)) - 1;
  const least = slope - TWO_SIDED_95 * error;
  const text = `${Math.round(slope)} ± ${Math.round(TWO_SIDED_95 * error)} bytes a cycle, ${(100 * drift).toFixed(2)} %`;
  return { flat: least <= 0 && drift <= MOST_DRIFT, text };
}

/** Least squares over 0, 1, 2, ... */
function fittedSlope(values: readonly number[]): { slope: number; error: number } {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0) / spread;
  const rest = values.reduce((sum, value, at) => sum + (value - mean - slope * (at - middle)) ** 2, 0);
  return { slope, error: Math.sqrt(rest / (values.length - 2) / spread) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
