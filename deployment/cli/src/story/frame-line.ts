import { formatMs, padEnd, padStart } from './columns.js';
import type { FrameMessage } from './frame-message.js';
import { type Paint, printable } from './style.js';

/** One frame, in columns: `#17  bottle standing    98.2 %    43 ms  belt-object:1`. */
export function frameText(paint: Paint, frame: FrameMessage): string {
  const number = padStart(paint('dim', `#${frame.frame}`), 6);
  if (frame.status !== 'scored') {
    const tone = frame.status === 'dropped' ? 'warn' : 'bad';
    const why = frame.reason ?? (frame.httpStatus === undefined ? 'no reason given' : `HTTP ${frame.httpStatus}`);
    return `${number}  ${paint(tone, padEnd(frame.status, 7))}  ${printable(why)}`;
  }
  const label = frame.label === undefined ? paint('dim', 'no answer') : paint('good', printable(frame.label));
  const confidence = frame.confidence === undefined ? '' : `${(frame.confidence * 100).toFixed(1)} %`;
  const latency = frame.latencyMs === undefined ? '' : formatMs(frame.latencyMs);
  const model = paint('dim', printable(frame.model ?? ''));
  return `${number}  ${padEnd(label, 20)}  ${padStart(confidence, 7)}  ${padStart(latency, 8)}  ${model}`.trimEnd();
}
