import type { LogLevel } from './config.js';

/** The runtime injects Serilog's names, people write the short ones; both are read, in any case. */
const SPELLINGS: Readonly<Record<string, LogLevel>> = {
  fatal: 'fatal',
  error: 'error',
  warning: 'warning',
  warn: 'warning',
  information: 'info',
  info: 'info',
  debug: 'debug',
  verbose: 'verbose',
};

/** Only the part before the first comma counts, as in the Edge runtime's own modules; `undefined` for another word. */
export function parseLogLevel(text: string): LogLevel | undefined {
  const word = text.split(',')[0]!.trim().toLowerCase();
  return Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined;
}
