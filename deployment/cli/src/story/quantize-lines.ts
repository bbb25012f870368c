import type { MeasuredModel, QuantizedModel } from '@edgeslot/model-tools';
import { formatBytes, padStart, table } from './columns.js';
import { compareLines } from './compare-lines.js';
import type { Paint } from './style.js';

/** Below this share of equal answers a user should look closer. */
const LOW_AGREEMENT = 0.95;
/** A share that was measured on fewer pictures says little. */
const FEW_PICTURES = 30;
/** Of probabilities: a model with such a lead hardly prefers its best class. */
const SMALL_LEAD = 0.01;

/** The rest of the classes is for `model compare` to show. */
const MOST_CLASSES = 12;
const MOST_CONFUSIONS = 5;

type Made = Omit<QuantizedModel, 'manifest'> & { readonly manifest: Pick<QuantizedModel['manifest'], 'tags'> };

/** What `model quantize` prints: how far the answers agree, then size and speed side by side. */
export function quantizeLines(paint: Paint, made: Made): string[] {
  const { before, after, compared, calibratedOn, duplicates } = made;
  const copies = duplicates === 0 ? '' : `, ${duplicates} copies left out`;
  return [
    `Calibrated on ${calibratedOn} pictures, measured on ${compared.pictures} others${copies}`,
    ...compareLines(paint, { a: before, b: after, ...compared, report: shortened(compared.report) }),
    ...table(measuredRows(paint, before, after)),
    ...advice(made).map((line) => paint('warn', line)),
  ];
}

function shortened<R extends QuantizedModel['compared']['report']>(report: R): R {
  const classes = report.classes.length > MOST_CLASSES ? [] : report.classes;
  return { ...report, classes, confusion: report.confusion.slice(0, MOST_CONFUSIONS) };
}

function measuredRows(paint: Paint, before: MeasuredModel, after: MeasuredModel): string[][] {
  const width = Math.max(before.numerics.length, 10);
  const row = (title: string, a: number, b: number, format: (value: number) => string, better: string) => [
    paint('dim', title),
    padStart(format(a), width),
    padStart(format(b), width),
    b <= a ? `${(a / b).toFixed(2)} times ${better}` : paint('warn', `not ${better}`),
  ];
  const latency = before.latency.map(({ threads, p50Ms }, index) => {
    const title = `a picture, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    return row(title, p50Ms, after.latency[index]!.p50Ms, milliseconds, 'faster');
  });
  return [
    ['', ...[before, after].map(({ numerics }) => paint('dim', padStart(numerics, width)))],
    row('size', before.bytes, after.bytes, formatBytes, 'smaller'),
    row('load', before.loadMs, after.loadMs, milliseconds, 'sooner'),
    ...latency,
  ];
}

function advice({ before, after, manifest, compared: { report, pictures } }: Made): string[] {
  const lines: string[] = [];
  if (report.classes.length > MOST_CLASSES || report.confusion.length > MOST_CONFUSIONS) {
    lines.push(`All classes and confusions: edgeslot model compare ${before.id} ${after.id} --images DIR`);
  }
  if (pictures < FEW_PICTURES) {
    lines.push(`Only ${pictures} pictures were there to measure with: with 100 or more the agreement would mean more`);
  }
  if (report.agreement === null || report.agreement >= LOW_AGREEMENT) return lines;
  const changed = report.answers - report.classes.reduce((sum, { agreed }) => sum + agreed, 0);
  const unsure = manifest.tags.trained === 'false' || (report.margin !== null && report.margin.median < SMALL_LEAD);
  lines.push(
    unsure
      ? 'The float32 model itself hardly prefers its best class, as untrained weights do: any rounding changes answers then'
      : `${changed} of ${report.answers} answers changed: try more pictures, --method entropy or percentile, or --weight-bits 7`,
  );
  return lines;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
