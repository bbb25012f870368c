import { RouteSyntaxError } from './route-error.js';

export type TokenKind =
  | 'keyword'
  | 'string'
  | 'unterminated'
  | 'number'
  | 'literal'
  | 'operator'
  | 'system'
  | 'name'
  | 'path'
  | 'unknown'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Lower case of keywords and word operators, the text itself of everything else. */
  readonly value: string;
  /** 1-based. */
  readonly column: number;
}

const SKIPPED = /[ \t\r\n]+/y;
const COMMENT = /\/\*[\s\S]*?\*\//y;

/**
 * Longest match wins, the earlier row on a tie: the rule of edgeHub's lexer (Routing.Core/grammar/GrammarLexer.g4), and
 * the reason why `a-b` and `kind!` are names and `e5` is a number.
 */
const TABLE: readonly (readonly [TokenKind, RegExp])[] = [
  ['keyword', /select|from|where|into/iy],
  ['string', /"(?:\\(?:["'\\]|u[0-9a-f]{4})|[^"\\])*"|'(?:\\(?:["'\\]|u[0-9a-f]{4})|[^'\\])*'/iy],
  ['unterminated', /["'](?:\\(?:["'\\]|u[0-9a-f]{4})|[^"'\\])*/iy],
  ['number', /-?\d+/y],
  ['number', /0x[0-9a-f]+/iy],
  ['number', /-?\d*(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)/iy],
  ['literal', /true|false|null|undefined/y],
  ['operator', /\|\||\?\?|!=|<>|<=|>=|[(),+\-*/%=<>]/y],
  ['operator', /and|or|not/iy],
  ['system', /\$[^()<>@,;:\\"/?={} \t\r\n]+/y],
  ['name', /[^()<>@,;:\\"/[\]?={} \t\r\n]+/y],
  ['path', /[^()<>@,;:\\"/?={} \t\r\n]+/y],
];

const BRACES = new Set(['{', '}']);

/** Cuts a route's text into tokens; the last one is `end`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const skipped = matchAt(SKIPPED, text, position) ?? matchAt(COMMENT, text, position);
    if (skipped !== undefined) {
      position += skipped.length;
      continue;
    }
    let kind: TokenKind = 'unknown';
    let best = '';
    for (const [candidate, pattern] of TABLE) {
      const match = matchAt(pattern, text, position);
      if (match !== undefined && match.length > best.length) {
        kind = candidate;
        best = match;
      }
    }
    if (best === '') {
      best = text.charAt(position);
      if (BRACES.has(best)) kind = 'operator';
    }
    const word = kind === 'keyword' || kind === 'operator' ? best.toLowerCase() : best;
    tokens.push({ kind, text: best, value: word, column: position + 1 });
    position += best.length;
  }
  tokens.push({ kind: 'end', text: '', value: '', column: text.length + 1 });
  return tokens;
}

/** Reads tokens one after the other; asking past the end gives the end again. */
export class TokenReader {
  #index = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get current(): Token {
    return this.tokens[Math.min(this.#index, this.tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.current;
    this.#index += 1;
    return token;
  }

  /** Takes the token when it is this keyword or operator. */
  take(value: string): Token | undefined {
    const { kind, value: found } = this.current;
    return (kind === 'keyword' || kind === 'operator') && found === value ? this.next() : undefined;
  }

  expect(value: string, where: string): Token {
    return this.take(value) ?? this.fail(`expected "${value}" ${where}`);
  }

  fail(expected: string): never {
    const { kind, text, column } = this.current;
    if (kind === 'unterminated') throw new RouteSyntaxError('unterminated string', column);
    throw new RouteSyntaxError(`${expected}, found ${kind === 'end' ? 'the end' : JSON.stringify(text)}`, column);
  }
}

/** Value of a string token: quotes off, `\"`, `\'`, `\\` and `\u0000` resolved. */
export function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\u([0-9a-f]{4})|\\(["'\\])/gi, (_all, code: string | undefined, character: string | undefined) =>
      code === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}
