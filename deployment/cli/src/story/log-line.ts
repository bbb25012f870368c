/** A line of a module's output, in the Edge runtime's log format or any other. */
export interface LogLine {
  /** 0 fatal, 3 error, 4 warning, 6 information, 7 debug; 6 when the line does not say. */
  readonly severity: number;
  readonly text: string;
  /** Whether the line has the runtime's format. */
  readonly formatted: boolean;
}

/** `<6> 2026-01-02 03:04:05.678 +00:00 [INF] - text`, as the agent's `LogMessageParser.cs` takes it. */
const FORMAT =
  /^<(\d)>\s*(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d\d:\d\d)?\s*(?:\[[A-Z]{3}\])?(?:\s*\[[^\]]*\])?\s*(?:- )?(.*)$/s;

export function parseLogLine(line: string): LogLine {
  const match = FORMAT.exec(line);
  if (!match) return { severity: 6, text: line, formatted: false };
  return { severity: Number(match[1]), text: match[2]!, formatted: true };
}

/** Node's own remarks about old dependencies say nothing to the reader of the story. */
export function isNodeRemark(line: string): boolean {
  return /^\(node:\d+\) |^\(Use `node --trace-/.test(line);
}
