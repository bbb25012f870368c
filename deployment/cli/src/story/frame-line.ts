import { formatMs, padEnd, padStart } from './columns.js';
import type { FrameMessage } from './frame-message.js';
import { type FrameRun, reasonOf } from './frame-runs.js';
import { type Paint, printable } from './style.js';

/** Wide enough for `#134–#156`; with these widths a line of the demo fits a terminal of 80 columns. */
const NUMBER = 9;
const LABEL = 16;
const SHARE = 7;
const LATENCY = 7;

/** One frame, in columns: `#17  bottle standing   98.2 %    43 ms  belt-object:1`. */
export function frameText(paint: Paint, frame: FrameMessage): string {
  if (frame.status !== 'scored') return unscored(paint, `#${frame.frame}`, frame.status, reasonOf(frame));
  const label = frame.label === undefined ? paint('dim', 'no answer') : paint('good', printable(seen(frame)));
  const confidence = frame.confidence === undefined ? '' : `${(frame.confidence * 100).toFixed(1)} %`;
  const latency = frame.latencyMs === undefined ? '' : formatMs(frame.latencyMs);
  return [
    padStart(paint('dim', `#${frame.frame}`), NUMBER),
    padEnd(label, LABEL),
    padStart(confidence, SHARE),
    padStart(latency, LATENCY),
    paint('dim', printable(frame.model ?? '')),
  ]
    .join('  ')
    .trimEnd();
}

/** The best answer; of a detector with how many more objects it saw: `person +2`. */
function seen({ label = '', objects = 1 }: FrameMessage): string {
  return objects > 1 ? `${label} +${objects - 1}` : label;
}

/** Several frames in one line: `#2–#22  dropped  21 frames: the model is loading`. */
export function runText(paint: Paint, { first, last, count, status, reason }: FrameRun): string {
  return unscored(paint, range(first, last), status, `${count} frames: ${reason}`);
}

function unscored(paint: Paint, numbers: string, status: FrameRun['status'], why: string): string {
  const tone = status === 'dropped' ? 'warn' : 'bad';
  return `${padStart(paint('dim', numbers), NUMBER)}  ${paint(tone, padEnd(status, 7))}  ${printable(why)}`;
}

/** `#134–#156`; as page numbers are written, `#1134–56`, where that is too wide. */
function range(first: number, last: number): string {
  const whole = `#${first}–#${last}`;
  if (whole.length <= NUMBER) return whole;
  const [from, to] = [String(first), String(last)];
  let same = 0;
  while (from.length === to.length && same < to.length - 1 && from[same] === to[same]) same++;
  return `#${from}–${to.slice(same)}`;
}
