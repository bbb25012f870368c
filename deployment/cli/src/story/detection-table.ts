import type { ShownObject } from '../detections.js';
import { padStart, table } from './columns.js';
import { type Paint, printable } from './style.js';

/** What `score` prints of a picture that a detector saw: one object a line, boxes in pixels. */
export function detectionTable(paint: Paint, objects: readonly ShownObject[]): string[] {
  const titles = ['label', 'confidence', 'left', 'top', 'width', 'height'];
  const rows = objects.map(({ label, confidence, box }) => [
    printable(label),
    confidence.toFixed(4),
    ...[box.left, box.top, box.width, box.height].map(String),
  ]);
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const alignRight = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell : padStart(cell, widths[column]!)));
  return table([alignRight(titles.map((title) => paint('dim', title))), ...rows.map(alignRight)]);
}
