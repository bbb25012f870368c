/**
 * Log lines in the Edge runtime's own format, so that the agent's `GetModuleLogs` can filter them:
 * `<6> 2026-01-02 03:04:05.678 +00:00 [INF] - text` (Azure/iotedge edge-util `Logger.cs`, `LogMessageParser.cs`).
 */
export type LogLevel = 'fatal' | 'error' | 'warning' | 'info' | 'debug' | 'verbose';

export interface Log {
  readonly level: LogLevel;
  /** Logs one line; an error adds its message and stack, joined to the same line. Never throws. */
  fatal(text: string, error?: unknown): void;
  error(text: string, error?: unknown): void;
  warning(text: string, error?: unknown): void;
  info(text: string, error?: unknown): void;
  debug(text: string, error?: unknown): void;
  verbose(text: string, error?: unknown): void;
  /** The same log with a source name, which is shown at the levels debug and verbose. */
  from(source: string): Log;
}

export interface LogOptions {
  /** Defaults to `info`. */
  readonly level?: LogLevel;
  readonly source?: string;
  /** Where a finished line goes, newline included; standard output by default. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

const LEVELS: Readonly<Record<LogLevel, { readonly rank: number; readonly severity: number; readonly tag: string }>> = {
  fatal: { rank: 0, severity: 0, tag: 'FTL' },
  error: { rank: 1, severity: 3, tag: 'ERR' },
  warning: { rank: 2, severity: 4, tag: 'WRN' },
  info: { rank: 3, severity: 6, tag: 'INF' },
  debug: { rank: 4, severity: 7, tag: 'DBG' },
  verbose: { rank: 5, severity: 7, tag: 'VRB' },
};

/** Both spellings that people and the runtime use, in any case. */
const SPELLINGS: Readonly<Record<string, LogLevel>> = {
  fatal: 'fatal',
  critical: 'fatal',
  error: 'error',
  warning: 'warning',
  warn: 'warning',
  information: 'info',
  info: 'info',
  debug: 'debug',
  verbose: 'verbose',
  trace: 'verbose',
};

/** Reads a `RuntimeLogLevel`: only the part before the first comma counts; `undefined` when it is no level. */
export function parseLogLevel(text: string): LogLevel | undefined {
  const word = text.split(',', 1)[0]!.trim().toLowerCase();
  return Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : undefined;
}

export function createLog(options: LogOptions = {}): Log {
  const level = options.level ?? 'info';
  const write = options.write ?? writeStandardOutput;
  const now = options.now ?? (() => new Date());
  const limit = LEVELS[level].rank;
  const line = (at: LogLevel) => (text: string, error?: unknown) => {
    const { rank, severity, tag } = LEVELS[at];
    if (rank > limit) return;
    try {
      const source = options.source && limit >= LEVELS.debug.rank ? ` [${options.source}]` : '';
      const full = error === undefined ? text : `${text}: ${describeError(error)}`;
      write(`<${severity}> ${timestamp(now())} [${tag}]${source} - ${joinLines(full)}\n`);
    } catch {
      // A log that cannot be written must not take the module down.
    }
  };
  return {
    level,
    fatal: line('fatal'),
    error: line('error'),
    warning: line('warning'),
    info: line('info'),
    debug: line('debug'),
    verbose: line('verbose'),
    from: (source) => createLog({ ...options, source }),
  };
}

/** One readable text of anything that was thrown: the stack when there is one, with its causes. */
export function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : (JSON.stringify(error) ?? String(error));
  const text = error.stack?.includes(error.message) ? error.stack : `${error.name}: ${error.message}`;
  return error.cause === undefined || depth > 3 ? text : `${text}\ncaused by ${describeError(error.cause, depth + 1)}`;
}

/** A line break would make the rest of an entry look like a line of its own, at level 6. */
function joinLines(text: string): string {
  return text
    .split(/[\r\n\u2028\u2029]+/)
    .map((part, index) => (index === 0 ? part.trimEnd() : part.trim()))
    .filter((part, index) => index === 0 || part !== '')
    .join(' | ');
}

function timestamp(date: Date): string {
  const iso = date.toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)} +00:00`;
}

let guarded = false;

function writeStandardOutput(line: string): void {
  if (!guarded) {
    guarded = true;
    // Whoever read our output may go away before us; EPIPE is then no reason to die.
    process.stdout.on('error', () => {});
  }
  process.stdout.write(line);
}
