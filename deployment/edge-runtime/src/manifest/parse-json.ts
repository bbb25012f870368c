export interface JsonFault {
  /** Both 1-based. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids raw control characters in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;
const MAX_DEPTH = 200;

/**
 * Where JSON text stops being JSON. Engines word their errors differently and leave the position out for short texts,
 * so a small scanner finds it; it runs only after JSON.parse has refused.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  let at = 0;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return false;
    at += match[0].length;
    return true;
  };
  const fault = (message: string): never => {
    throw Object.assign(new Error(message), { at });
  };
  const found = () => (at >= text.length ? 'the text ends' : `found ${JSON.stringify(text[at])}`);
  const value = (depth: number): void => {
    eat(SPACE);
    if (depth > MAX_DEPTH) fault(`nested more than ${MAX_DEPTH} levels deep`);
    if (text[at] === '{') list('}', depth, true);
    else if (text[at] === '[') list(']', depth, false);
    else if (!eat(STRING) && !eat(NUMBER) && !eat(WORD)) fault(`expected a value, ${found()}`);
    eat(SPACE);
  };
  const list = (end: string, depth: number, keyed: boolean): void => {
    at++;
    eat(SPACE);
    if (text[at] === end) {
      at++;
      return;
    }
    for (;;) {
      eat(SPACE);
      if (keyed) {
        if (!eat(STRING)) fault(`expected a name in double quotes, ${found()}`);
        eat(SPACE);
        if (text[at] !== ':') fault(`expected ":" after a name, ${found()}`);
        at++;
      }
      value(depth + 1);
      if (text[at] === end) break;
      if (text[at] !== ',') fault(`expected "," or "${end}", ${found()}`);
      at++;
    }
    at++;
  };
  try {
    value(0);
    if (at < text.length) fault(`expected the end of the text, ${found()}`);
    return undefined;
  } catch (error) {
    const before = text.slice(0, (error as { at: number }).at).split('\n');
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: (error as Error).message };
  }
}
