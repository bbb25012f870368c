import type { MadeHead } from '@edgeslot/model-tools';
import { padStart, table } from './columns.js';
import { type Paint, printable } from './style.js';

/** What `model head` prints: on what it was trained, the accuracy, and who was taken for whom. */
export function headLines(paint: Paint, head: Omit<MadeHead, 'manifest' | 'classifier'>): string[] {
  const { classes, confusion, accuracy, heldOut, trained, duplicates } = head;
  const right = confusion.reduce((sum, row, index) => sum + row[index]!, 0);
  const copies = duplicates === 0 ? '' : `, ${duplicates} copies left out`;
  const names = classes.map(printable);
  const width = Math.max(...names.map((name) => name.length), 4);
  const rows = confusion.map((row, label) => [
    names[label]!,
    ...row.map((count, said) => {
      const cell = padStart(String(count), width);
      return said === label ? paint('good', cell) : count > 0 ? paint('warn', cell) : cell;
    }),
  ]);
  return [
    `Trained on ${trained} pictures, held out ${heldOut}${copies}`,
    `Accuracy: ${accuracy.toFixed(4)} (${right} of ${heldOut} held-out pictures right)`,
    'Confusion, rows what it is, columns what was said:',
    ...table([['', ...names.map((name) => paint('dim', padStart(name, width)))], ...rows], '  '),
  ];
}
