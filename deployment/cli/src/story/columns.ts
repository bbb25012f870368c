import { type Paint, printable, visibleLength } from './style.js';

/** Width of the column that says who speaks. */
const WHO = 8;
/** The column where a text begins, after the time and who speaks. */
export const TEXT_STARTS = 8 + 2 + WHO + 2;

/** Local time of day, `HH:MM:SS`. */
export function clock(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** One line of the story: `22:51:03  scoring   started …`. */
export function storyLine(paint: Paint, time: Date, who: string, text: string): string {
  return `${paint('dim', clock(time))}  ${paint('strong', padEnd(printable(who), WHO))}  ${text}`;
}

/** A further line under the one before, indented to its text. */
export function underLine(text: string): string {
  return `${' '.repeat(TEXT_STARTS)}${text}`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - visibleLength(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - visibleLength(text))) + text;
}

/** Bytes for people: `812 kB`, `104 MB`, `2.1 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  if (bytes < 999_500_000) return `${Math.round(bytes / 1e6)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Milliseconds for people: `43 ms`, `1.2 s`. */
export function formatMs(ms: number): string {
  return ms < 9999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A table with two blanks between the columns; no blanks at the line ends. */
export function table(rows: readonly (readonly string[])[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, visibleLength(cell));
  }
  return rows.map((row) => (indent + row.map((cell, column) => padEnd(cell, widths[column]!)).join('  ')).trimEnd());
}

/** Breaks a text at blanks so that no line is longer than `columns`; a longer word stays whole, and columns stay aligned. */
export function wrap(text: string, columns: number): string[] {
  if (visibleLength(text) <= columns) return [text];
  const lines: string[] = [];
  let line = '';
  // Each piece is a word with the blanks before it; those blanks go where a line breaks.
  for (const piece of text.match(/ *[^ ]+/g) ?? []) {
    if (line !== '' && visibleLength(line + piece) > columns) {
      lines.push(line);
      line = piece.trimStart();
    } else {
      line += piece;
    }
  }
  return [...lines, line];
}
