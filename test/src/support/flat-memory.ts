import { median } from '../bench/statistics.js';

/** What a series of readings says of a leak. */
export interface Trend {
  /** Of a straight line through the last readings: growth for each cycle, and the ends of its 95 % interval. */
  readonly slope: number;
  readonly interval: readonly [low: number, high: number];
  /** The median of the last quarter against the first quarter's; 1 is the same. */
  readonly ratio: number;
  readonly flat: boolean;
}

/** Readings that the line goes through: what comes before is the warming up of caches. */
const LAST = 150;
/** Of Student's t for 148 degrees of freedom; for fewer readings it is a little more. */
const T95 = 1.976;
const MOST_GROWTH = 1.03;

/**
 * Whether memory is flat over at least 150 cycles: a line through the last 150 readings does not rise beyond doubt, and the
 * last quarter's median is at most 3 % above the first quarter's. Memory that shrinks is no leak.
 */
export function memoryTrend(readings: readonly number[]): Trend {
  if (readings.length < LAST) throw new RangeError(`${readings.length} readings; expected at least ${LAST}`);
  const [slope, error] = fit(readings.slice(-LAST));
  const interval = [slope - T95 * error, slope + T95 * error] as const;
  const quarter = Math.floor(readings.length / 4);
  const ratio = median(readings.slice(-quarter)) / median(readings.slice(0, quarter));
  return { slope, interval, ratio, flat: interval[0] <= 0 && ratio <= MOST_GROWTH };
}

/** Slope of the least squares line, and its standard error. */
function fit(values: readonly number[]): [slope: number, error: number] {
  const count = values.length;
  const middle = (count - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const spread = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0) / spread;
  const rest = values.reduce((sum, value, at) => sum + (value - mean - slope * (at - middle)) ** 2, 0);
  return [slope, Math.sqrt(rest / (count - 2) / spread)];
}
