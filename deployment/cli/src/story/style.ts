import { stripVTControlCharacters } from 'node:util';

export type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'strong' | 'accent';

/** Puts a tone on a text; the plain one leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
  dim: [2, 22],
  strong: [1, 22],
  accent: [36, 39],
};

export const plain: Paint = (_tone, text) => text;

export const coloured: Paint = (tone, text) => {
  const [on, off] = CODES[tone];
  return text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`;
};

/** Colour on a terminal only, and never when NO_COLOR is set or the terminal is `dumb`. */
export function choosePaint(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const wanted = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return wanted ? coloured : plain;
}

/** Columns that a text takes; colour takes none. */
export function visibleLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Cuts a text to a number of columns, with `…` where something was cut; colours are closed. */
export function truncate(text: string, columns: number): string {
  if (visibleLength(text) <= columns) return text;
  let out = '';
  let left = Math.max(0, columns - 1);
  let inEscape = false;
  for (const character of text) {
    if (character === '\x1b') inEscape = true;
    else if (inEscape) inEscape = character !== 'm';
    else if (left-- <= 0) break;
    out += character;
  }
  return out.includes('\x1b') ? `${out}…\x1b[0m` : `${out}…`;
}

/** Control characters of foreign text (a log line, a label) must not reach the terminal. */
export function printable(text: string): string {
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    out += code < 0x20 || (code >= 0x7f && code < 0xa0) ? ' ' : character;
  }
  return out;
}
