import { formatMs } from './columns.js';
import { isRecord } from './frame-message.js';
import type { ReportedSwap } from './reported-twin.js';
import { readSwap } from './reported-twin.js';
import { type Paint, printable } from './style.js';

/** What the scoring module's method `swapModel` answers. */
export interface SwapReply {
  readonly message: string;
  /** The slot at the time of the answer. */
  readonly state?: string;
  readonly serving?: string;
  /** How the wish ended; absent while it is open. */
  readonly swap?: ReportedSwap;
}

export function readSwapReply(payload: unknown): SwapReply {
  const { message, slot } = isRecord(payload) ? payload : {};
  const { state, model } = isRecord(slot) ? slot : {};
  const swap = readSwap(payload);
  return {
    message: typeof message === 'string' ? message : JSON.stringify(payload),
    ...(typeof state === 'string' && { state }),
    ...(typeof model === 'string' && { serving: model }),
    ...(swap && { swap }),
  };
}

/** `scoring: belt-colour:1 in place of belt-object:1, nothing served for 45 ms`, and where the time went. */
export function swapLines(paint: Paint, module: string, { message, swap }: SwapReply): string[] {
  if (!swap) return [`${module}: ${printable(message)}`];
  const to = paint('accent', printable(swap.to));
  if (swap.result === 'unchanged') return [`${module}: ${to} is held already`];
  const from = swap.from === undefined || swap.from === swap.to ? '' : ` in place of ${printable(swap.from)}`;
  const stages = stagesText(swap);
  return [`${module}: ${to} is held${from}${blackoutText(swap)}`, ...(stages ? [paint('dim', `  ${stages}`)] : [])];
}

/**
 * One line of a wish that has ended: `belt-object:1 -> belt-colour:1, asked for by method, nothing served for 45 ms`.
 * Undefined where nothing changed or failed.
 *
 * @param told what was told of the slot: why a wish failed is not said twice
 */
export function swapText(paint: Paint, swap: ReportedSwap, told = ''): string | undefined {
  const { from, to, requestedBy, result } = swap;
  if (result === 'unchanged') return undefined;
  const loaded = result === 'loaded';
  const what = [
    ...(from === undefined || from === to ? [] : [`${printable(from)} ->`]),
    paint('accent', printable(to)),
    ...(loaded ? [] : [paint(result === 'superseded' ? 'dim' : 'bad', result)]),
  ].join(' ');
  const isTold = told.split(':')[0] === swap.error?.split(':')[0];
  const why = loaded || !swap.error || isTold ? '' : `: ${printable(swap.error)}`;
  return `${what}, asked for by ${printable(requestedBy)}${blackoutText(swap)}${why}`;
}

/** `, nothing served for 45 ms`, where that was measured. */
export function blackoutText({ durations }: ReportedSwap): string {
  const { blackout } = durations;
  return blackout === undefined ? '' : `, nothing served for ${formatMs(blackout)}`;
}

function stagesText({ durations }: ReportedSwap): string {
  return Object.entries(durations)
    .filter(([stage]) => stage !== 'blackout')
    .map(([stage, ms]) => `${stage} ${formatMs(ms)}`)
    .join(', ');
}
