import type { ComparedModels } from '@edgeslot/model-tools';
import { numericsText } from '@edgeslot/scoring/model';
import { padStart, table } from './columns.js';
import { type Paint, printable } from './style.js';

/** A network may know a thousand classes; the rest is in `--json`. */
const MOST_ROWS = 40;
const MOST_FAILURES = 20;

/** What `model compare` prints: agreement, differences, and both by class of the first model. */
export function compareLines(paint: Paint, compared: ComparedModels): string[] {
  const { a, b, report } = compared;
  const detects = 'boxes' in report;
  const [one, many] = detects ? ['anchor', 'anchors'] : ['picture', 'pictures'];
  // Not the sum over the classes: the caller may have left them out.
  const agreed = Math.round((report.agreement ?? 0) * report.answers);
  const rows = [
    ['A', a.id, numericsText(a)],
    ['B', b.id, numericsText(b)],
  ];
  const facts = [
    [
      'Top-1 agreement',
      report.agreement === null
        ? 'none compared'
        : `${share(report.agreement)}, ${agreed} of ${report.answers} ${many}`,
    ],
    [
      'Difference of probabilities',
      `mean ${small(report.difference.mean)}, largest ${small(report.difference.largest)}`,
    ],
    ...(report.difference.file === null ? [] : [['', `in ${printable(report.difference.file)}`]]),
    ...(report.margin
      ? [
          [
            "A's lead over its second class",
            `median ${small(report.margin.median)}, least ${small(report.margin.least)}`,
          ],
        ]
      : []),
    ...(detects ? [['Edges of boxes', boxesText(report.boxes)]] : []),
  ];
  return [
    ...table(rows),
    `Compared on ${compared.pictures} ${compared.pictures === 1 ? 'picture' : 'pictures'}`,
    ...table(facts.map(([name, value]) => [paint('dim', name!), value!])),
    ...section(
      `By class of A, ${many}:`,
      report.classes.map(({ label, count, agreed }) => [
        printable(label),
        padStart(String(count), 8),
        padStart(share(agreed / count), 7),
      ]),
      [paint('dim', "A's class"), paint('dim', padStart(many, 8)), paint('dim', padStart('agreed', 7))],
    ),
    ...section(
      'Where they differ, most frequent first:',
      report.confusion.map(({ a, b, count }) => [printable(a), printable(b), padStart(String(count), 8)]),
      [paint('dim', 'A says'), paint('dim', 'B says'), paint('dim', padStart(many, 8))],
    ),
    ...(report.agreement === 1 ? [paint('good', `Both give the same class for every ${one}`)] : []),
  ];
}

/** Pictures that could not be compared, for standard error. */
export function failureLines({ failed }: Pick<ComparedModels, 'failed'>): string[] {
  const shown = failed.slice(0, MOST_FAILURES).map(({ file, reason }) => `failed: ${printable(`${file}: ${reason}`)}`);
  const more = failed.length - shown.length;
  return more > 0 ? [...shown, `failed: ${more} more; --json lists all`] : shown;
}

function section(title: string, rows: readonly (readonly string[])[], head: readonly string[]): string[] {
  if (rows.length === 0) return [];
  const more = rows.length - MOST_ROWS;
  return [
    title,
    ...table([head, ...rows.slice(0, MOST_ROWS)], '  '),
    ...(more > 0 ? [`  and ${more} more; --json lists all`] : []),
  ];
}

function boxesText({ compared, mean, largest }: { compared: number; mean: number; largest: number }): string {
  if (compared === 0) return 'none compared: the models agree on no object';
  return `mean ${small(100 * mean)} %, largest ${small(100 * largest)} % of the side, ${compared} boxes`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

/** Four digits, and no more places than a person reads. */
function small(value: number): string {
  return value === 0 ? '0' : value >= 0.001 ? value.toFixed(4) : value.toExponential(1);
}
