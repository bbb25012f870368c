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

/** What `model quantize` prints: how far the answers agree, then size and speed side by side. */
export function quantizeLines(paint: Paint, made: Omit<QuantizedModel, 'manifest'>): string[] {
  const { before, after, compared, calibratedOn, duplicates } = made;
  const copies = duplicates === 0 ? '' : `, ${duplicates} copies left out`;
  return [
    `Calibrated on ${calibratedOn} pictures, measured on ${compared.pictures} others${copies}`,
    ...compareLines(paint, { a: before, b: after, ...compared }),
    ...table(measuredRows(paint, before, after)),
    ...advice(made).map((line) => paint('warn', line)),
  ];
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

function advice({ compared: { report, pictures } }: Pick<QuantizedModel, 'compared'>): string[] {
  const lines: string[] = [];
  if (pictures < FEW_PICTURES) {
    lines.push(`Only ${pictures} pictures were there to measure with: with 100 or more the agreement would mean more`);
  }
  if (report.agreement === null || report.agreement >= LOW_AGREEMENT) return lines;
  const small = report.margin !== null && report.margin.median < SMALL_LEAD;
  lines.push(
    small
      ? 'The float32 model itself hardly prefers its best class, as with seeded weights: any rounding changes answers then'
      : 'Many answers changed: try more pictures, --method entropy or percentile, or --weight-bits 7',
  );
  return lines;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
