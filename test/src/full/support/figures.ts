/** What was measured of one network. */
export interface Figures {
  readonly network: string;
  /** As the model's description has it, e.g. `25.6 M`. */
  readonly parameters: string;
  readonly packageBytes: number;
  readonly createMs: number;
  readonly loadMs: number;
  readonly gapMs: number;
  readonly p50Ms: number;
  readonly residentBytes: number;
}

const COLUMNS: readonly (readonly [title: string, cell: (figures: Figures) => string])[] = [
  ['network', ({ network }) => network],
  ['parameters', ({ parameters }) => parameters],
  ['package MB', ({ packageBytes }) => (packageBytes / 1e6).toFixed(0)],
  ['create s', ({ createMs }) => (createMs / 1000).toFixed(1)],
  ['load ms', ({ loadMs }) => loadMs.toFixed(0)],
  ['swap gap ms', ({ gapMs }) => gapMs.toFixed(0)],
  ['p50 ms', ({ p50Ms }) => p50Ms.toFixed(1)],
  ['RSS MB', ({ residentBytes }) => (residentBytes / 1e6).toFixed(0)],
];

/** A Markdown table, a line each. */
export function figureLines(rows: readonly Figures[]): string[] {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, cell]) => cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(cells[0]!), line(rule), ...cells.slice(1).map(line)];
}
