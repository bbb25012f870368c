import { formatMs } from './columns.js';
import type { FrameCounters } from './frame-message.js';
import type { Paint } from './style.js';

export interface RunFigures {
  readonly model: string | undefined;
  readonly slotState: string | undefined;
  readonly device: string | undefined;
  readonly counters: FrameCounters;
  readonly p50: number | null;
}

/** The status line: model, device, frames and the median latency; short enough for 80 columns, so what is 0 is not said. */
export function statusText(paint: Paint, figures: RunFigures): string {
  const { model, slotState, device, counters, p50 } = figures;
  const held = model === undefined ? paint('dim', 'no model yet') : paint('accent', model);
  const state =
    model === undefined || slotState === undefined || slotState === 'AVAILABLE' ? '' : ` ${paint('warn', slotState)}`;
  const count = (name: string, value: number, tone: 'warn' | 'bad') =>
    value === 0 ? [] : [paint(tone, `${name} ${value}`)];
  const parts = [
    `${held}${state}${device === undefined ? '' : ` on ${device}`}`,
    [
      `posted ${counters.posted}`,
      `scored ${counters.scored}`,
      ...count('dropped', counters.dropped, 'warn'),
      ...count('failed', counters.failed, 'bad'),
    ].join('  '),
  ];
  if (p50 !== null) parts.push(`p50 ${formatMs(p50)}`);
  return parts.join(paint('dim', ' | '));
}
