/** What a stock client did, and how it went. */
export interface ClientRow {
  readonly client: string;
  readonly version: string;
  readonly calls: string;
  readonly result: string;
}

/** A Markdown table, a line each. */
export function clientLines(rows: readonly ClientRow[]): string[] {
  const cells = [
    ['client', 'version', 'calls', 'result'],
    ...rows.map(({ client, version, calls, result }) => [client, version, calls, result]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(cells[0]!), line(widths.map((width) => '-'.repeat(width))), ...cells.slice(1).map(line)];
}
