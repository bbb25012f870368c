import type { Comparison } from './compare.js';
import type { Figure, Goal } from './row.js';
import { median, quartiles, ratios } from './statistics.js';

interface Asked {
  readonly what: string;
  readonly goal: Goal;
  readonly note: string;
  readonly notApplicable?: string | undefined;
}

/** How many times as long `above` takes as `below`, round by round. */
export function ratioFigure(comparison: Comparison, above: string, below: string, asked: Asked): Figure {
  const [long, short] = [roundsOf(comparison, above), roundsOf(comparison, below)];
  const absolute = `${above} ${median(long).toFixed(2)} ms, ${below} ${median(short).toFixed(2)} ms`;
  return figure(comparison, ratios(long, short), '×', { ...asked, note: `${absolute}; ${asked.note}` });
}

/** How many microseconds longer `above` takes than `below`, round by round. */
export function differenceFigure(comparison: Comparison, above: string, below: string, asked: Asked): Figure {
  const [long, short] = [roundsOf(comparison, above), roundsOf(comparison, below)];
  const differences = long.map((ms, round) => 1000 * (ms - short[round]!));
  const micro = (values: readonly number[]) => `${(1000 * median(values)).toFixed(0)} µs`;
  const note = `${above} ${micro(long)}, ${below} ${micro(short)}; ${asked.note}`;
  return figure(comparison, differences, 'µs', { ...asked, note });
}

/** Milliseconds that one call takes. */
export function timeFigure(comparison: Comparison, subject: string, asked: Asked): Figure {
  return figure(comparison, roundsOf(comparison, subject), 'ms', asked);
}

function figure(comparison: Comparison, values: readonly number[], unit: string, asked: Asked): Figure {
  const { what, goal, note, notApplicable } = asked;
  const { bursts, repeated, disturbed } = comparison;
  return {
    what,
    goal,
    value: median(values),
    unit,
    spread: quartiles(values),
    rounds: values.length,
    repeated,
    disturbed,
    bursts,
    note,
    ...(notApplicable !== undefined && { notApplicable }),
  };
}

function roundsOf({ rounds }: Comparison, subject: string): readonly number[] {
  const found = rounds[subject];
  if (!found) throw new RangeError(`nothing was measured for ${subject}`);
  return found;
}
