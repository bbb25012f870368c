import { parseCondition } from './condition.js';
import type { Evaluate } from './message.js';
import { RouteSyntaxError } from './route-error.js';
import { type Token, TokenReader, tokenize, unquote } from './tokens.js';

/** Where a route's messages go. */
export type Sink =
  | { readonly kind: 'upstream' }
  | { readonly kind: 'module'; readonly moduleId: string; readonly input: string };

export interface ParsedRoute {
  /** As written, e.g. `/messages/modules/camera/outputs/*`. */
  readonly source: string;
  readonly condition?: Evaluate;
  readonly sink: Sink;
}

const MAX_LENGTH = 16 * 1024;

/** Parses `[SELECT *] FROM source [WHERE condition] INTO sink`; throws RouteSyntaxError. What follows the sink is ignored. */
export function parseRoute(text: string): ParsedRoute {
  if (text.length > MAX_LENGTH) {
    throw new RouteSyntaxError(`${text.length} characters, a route may have ${MAX_LENGTH}`, MAX_LENGTH + 1);
  }
  const reader = new TokenReader(tokenize(text));
  if (reader.take('select') !== undefined) reader.expect('*', 'after SELECT');
  reader.expect('from', 'at the start of the route');
  const source = parseSource(reader);
  const condition = reader.take('where') === undefined ? undefined : parseCondition(reader);
  reader.expect('into', condition === undefined ? 'or "where" after the source' : 'after the condition');
  const sink = parseSink(reader);
  return condition === undefined ? { source, sink } : { source, condition, sink };
}

function parseSource(reader: TokenReader): string {
  let source = '';
  if (reader.current.value !== '/') reader.fail('expected a source such as /messages/*');
  for (let slash = reader.take('/'); slash !== undefined; slash = reader.take('/')) {
    const token = reader.current;
    if (token.kind !== 'name' && token.value !== '*') refuseItem(reader, token, token.column === slash.column + 1);
    reader.next();
    source += `/${token.text}`;
  }
  return source;
}

function refuseItem(reader: TokenReader, token: Token, follows: boolean): never {
  if (follows && /^[\w.-]+$/.test(token.text)) {
    const what = token.kind === 'number' ? 'a number' : 'a word of the routing language';
    throw new RouteSyntaxError(`"${token.text}" is ${what}, so it cannot be a part of a source`, token.column);
  }
  return reader.fail('expected a name or * after "/"');
}

function parseSink(reader: TokenReader): Sink {
  const token = reader.next();
  if (token.kind === 'system') {
    if (token.text.toLowerCase() === '$upstream') return { kind: 'upstream' };
    throw new RouteSyntaxError(`unknown sink "${token.text}", expected $upstream`, token.column);
  }
  if (token.kind !== 'name') {
    throw new RouteSyntaxError('expected a sink: $upstream or BrokeredEndpoint("/modules/M/inputs/I")', token.column);
  }
  if (token.text.toLowerCase() !== 'brokeredendpoint') {
    throw new RouteSyntaxError(`unknown sink "${token.text}", expected BrokeredEndpoint`, token.column);
  }
  reader.expect('(', 'after BrokeredEndpoint');
  const endpoint = reader.current;
  if (endpoint.kind !== 'string') reader.fail('expected a quoted endpoint');
  reader.next();
  reader.expect(')', 'after the endpoint');
  return parseEndpoint(unquote(endpoint.text), endpoint.column);
}

/** Outer slashes are optional; only the second and the fourth segment matter. */
function parseEndpoint(endpoint: string, column: number): Sink {
  const [, moduleId, , input, ...more] = endpoint
    .trim()
    .replace(/^\/+|\/+$/g, '')
    .split('/');
  if (!moduleId || !input || more.length > 0) {
    throw new RouteSyntaxError(`endpoint "${endpoint}" is not of the form /modules/M/inputs/I`, column);
  }
  return { kind: 'module', moduleId, input };
}
