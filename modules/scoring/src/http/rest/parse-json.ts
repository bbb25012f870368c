import { scoringError } from '../../errors.js';

/**
 * JSON as TensorFlow Serving takes it (rapidjson's `kParseNanAndInfFlag`): with the numbers `NaN`, `Infinity` and
 * `-Infinity`, which are given as strings of these names; what wants numbers takes those too.
 *
 * @throws ScoringError REST_JSON
 */
export function parseJson(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const quoted = quoteNumberNames(text);
    if (quoted === text) throw malformed(error as Error, text.length);
    try {
      return JSON.parse(quoted);
    } catch {
      // Offsets in the text with the quotes would point beside the fault.
      throw malformed(error as Error, text.length);
    }
  }
}

/** The number that a JSON value stands for; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return undefined;
}

/** The engine leaves the place out for short texts, and quotes them. */
function malformed({ message }: Error, length: number) {
  const [reason] = message.split(/,? (?:\.\.\.)?"|(?: in JSON)? at position /, 1);
  const position = /at position (\d+)/.exec(message)?.[1];
  const offset = message.startsWith('Unexpected end') ? length : position;
  return scoringError('REST_JSON', `${reason}${offset === undefined ? '' : ` at offset: ${offset}`}`);
}

/** Puts the names outside strings in quotes. Strings are leapt over, for they may be megabytes of a picture. */
function quoteNumberNames(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('"', at);
    const end = open < 0 ? text.length : open;
    parts.push(text.slice(at, end).replace(/-?Infinity|NaN/g, '"$&"'));
    if (open < 0) break;
    at = endOfString(text, open);
    parts.push(text.slice(open, at));
  }
  return parts.join('');
}

/** Where the text goes on behind the string that opens at `open`. */
function endOfString(text: string, open: number): number {
  for (let at = open + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}
