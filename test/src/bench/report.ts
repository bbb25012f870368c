import type { Machine } from './machine.js';
import { type Figure, type Goal, type RowResult, verdictOf } from './row.js';

export interface BenchReport {
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  /** Milliseconds from the first row to the last. */
  readonly tookMs: number;
  readonly rows: readonly { readonly name: string; readonly result: RowResult }[];
}

/** Beyond this share of disturbed bursts the verdicts say little. */
const MOST_DISTURBED = 0.2;
const HEADS = ['row', 'what', 'goal', 'measured', 'half of the rounds', 'verdict'];

/** What a person reads. */
export function reportLines({ date, machine, rounds, tookMs, rows }: BenchReport): string[] {
  const { cpu, cores, memoryGB, system, vnni, versions } = machine;
  const versionText = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const figures = rows.flatMap(({ name, result }) =>
    'figures' in result ? result.figures.map((figure) => ({ name, figure })) : [],
  );
  const table = columns([HEADS, ...figures.map(({ name, figure }) => cells(name, figure))]);
  const skipped = rows.flatMap(({ name, result }) =>
    'notMeasured' in result ? [`${name}: not measured: ${result.notMeasured}`] : [],
  );
  return [
    `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memoryGB} GB, ${vnni ? 'VNNI' : 'no VNNI'}, ${system}`,
    `${versionText.join(', ')}; ${rounds} interleaved rounds, ${(tookMs / 1000).toFixed(0)} s, ${date}`,
    '',
    ...(figures.length > 0 ? table : []),
    ...(skipped.length > 0 ? ['', ...skipped] : []),
    ...disturbance(figures.map(({ figure }) => figure)),
    '',
    ...figures.map(({ name, figure }) => `${name}, ${figure.what}: ${notes(figure)}`),
  ];
}

/** What a program reads: the same, with every verdict. */
export function reportJson(report: BenchReport): string {
  const rows = report.rows.map(({ name, result }) =>
    'figures' in result
      ? { name, figures: result.figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) })) }
      : { name, ...result },
  );
  return `${JSON.stringify({ schemaVersion: 1, ...report, rows }, null, 2)}\n`;
}

/** Figures of one comparison share its bursts, so this counts some of them more than once; the share is right. */
function disturbance(figures: readonly Figure[]): string[] {
  const sum = (count: (figure: Figure) => number) => figures.reduce((total, figure) => total + count(figure), 0);
  const share = sum(({ disturbed }) => disturbed) / sum(({ bursts }) => bursts);
  if (!(share > MOST_DISTURBED)) return [];
  const percent = `${Math.round(100 * share)} %`;
  return ['', `Other processes were busy during ${percent} of the bursts: measure again when the machine is quiet.`];
}

function cells(name: string, figure: Figure): string[] {
  const { what, goal, value, unit, spread } = figure;
  const text = (number: number) => `${number.toFixed(2)} ${unit}`;
  return [
    name,
    what,
    goalText(goal, unit),
    text(value),
    `${spread[0].toFixed(2)} to ${text(spread[1])}`,
    verdictOf(figure),
  ];
}

function goalText(goal: Goal, unit: string): string {
  return 'atMost' in goal ? `<= ${goal.atMost} ${unit}` : `>= ${goal.atLeast} ${unit}`;
}

function notes({ note, notApplicable, bursts, repeated, disturbed }: Figure): string {
  const again = repeated === 0 ? '' : `, ${repeated} run again`;
  const left = disturbed === 0 ? '' : `, ${disturbed} of them disturbed by other processes all the same`;
  const why = notApplicable === undefined ? '' : `; goal not applicable here: ${notApplicable}`;
  return `${note}; ${bursts} bursts${again}${left}${why}`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
