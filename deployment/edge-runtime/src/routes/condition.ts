import { compileBodyQuery } from './body-query.js';
import { applyComparison, conjunction, disjunction, negation } from './condition-operators.js';
import { type Evaluate, propertyOf } from './message.js';
import { RouteSyntaxError } from './route-error.js';
import { type Token, type TokenReader, unquote } from './tokens.js';

/** Types are static, but for values of the body, whose type only the message knows. */
type Type = 'string' | 'number' | 'boolean' | 'null' | 'body value';

interface Expression {
  readonly type: Type;
  readonly evaluate: Evaluate;
  readonly column: number;
}

const SUPPORTED =
  'supported are = != <> < <= > >=, AND, OR, NOT, parentheses, properties, $system and $body.path values';
const NOT_YET = new Set(['+', '-', '*', '/', '%', '||', '??']);
const BODY = '$body.';
/** Nested parentheses and NOTs; far above what a person writes, far below what the stack holds. */
const MAX_DEPTH = 64;

/** Parses a condition up to INTO; the result is true, false or undefined for a message, and only true lets it pass. */
export function parseCondition(reader: TokenReader): Evaluate {
  const expression = parseOr(reader, 0);
  refuseUnsupportedOperator(reader.current);
  if (expression.type !== 'boolean' && expression.type !== 'body value') {
    throw new RouteSyntaxError(`the condition is a ${expression.type}, expected true or false`, expression.column);
  }
  return expression.evaluate;
}

function parseOr(reader: TokenReader, depth: number): Expression {
  let left = parseAnd(reader, depth);
  for (let op = reader.take('or'); op !== undefined; op = reader.take('or')) {
    const right = parseAnd(reader, depth);
    checkBooleans(op, left, right);
    left = { type: 'boolean', evaluate: disjunction(left.evaluate, right.evaluate), column: left.column };
  }
  return left;
}

function parseAnd(reader: TokenReader, depth: number): Expression {
  let left = parseComparisons(reader, depth, ['=', '!=', '<>']);
  for (let op = reader.take('and'); op !== undefined; op = reader.take('and')) {
    const right = parseComparisons(reader, depth, ['=', '!=', '<>']);
    checkBooleans(op, left, right);
    left = { type: 'boolean', evaluate: conjunction(left.evaluate, right.evaluate), column: left.column };
  }
  return left;
}

/** Equality binds looser than order. */
function parseComparisons(reader: TokenReader, depth: number, operators: readonly string[]): Expression {
  const operand = (): Expression =>
    operators[0] === '=' ? parseComparisons(reader, depth, ['<', '<=', '>', '>=']) : parseUnary(reader, depth);
  let left = operand();
  for (;;) {
    const op = operators.map((text) => reader.take(text)).find((token) => token !== undefined);
    if (op === undefined) return left;
    const right = operand();
    checkComparison(op, left, right);
    left = { type: 'boolean', evaluate: applyComparison(op.value, left.evaluate, right.evaluate), column: left.column };
  }
}

function parseUnary(reader: TokenReader, depth: number): Expression {
  if (depth > MAX_DEPTH) throw new RouteSyntaxError(`nested deeper than ${MAX_DEPTH} levels`, reader.current.column);
  const not = reader.take('not');
  if (not !== undefined) {
    const operand = parseUnary(reader, depth + 1);
    if (operand.type !== 'boolean' && operand.type !== 'body value') {
      const advice = 'NOT binds tighter than a comparison: write NOT (a = b)';
      throw new RouteSyntaxError(`NOT of a ${operand.type}, expected true or false; ${advice}`, not.column);
    }
    return { type: 'boolean', evaluate: negation(operand.evaluate), column: not.column };
  }
  const open = reader.take('(');
  if (open === undefined) return parseOperand(reader);
  const inner = parseOr(reader, depth + 1);
  refuseUnsupportedOperator(reader.current);
  reader.expect(')', `to close the one at column ${open.column}`);
  return inner;
}

function parseOperand(reader: TokenReader): Expression {
  const token = reader.current;
  const { kind, text, column } = token;
  switch (kind) {
    case 'string': {
      reader.next();
      const value = unquote(text);
      return { type: 'string', evaluate: () => value, column };
    }
    case 'number': {
      reader.next();
      const value = Number(text);
      if (Number.isNaN(value)) throw new RouteSyntaxError(`"${text}" is read as a number but is none`, column);
      return { type: 'number', evaluate: () => value, column };
    }
    case 'literal':
      reader.next();
      if (text === 'undefined') throw new RouteSyntaxError(`"undefined" is not supported here; ${SUPPORTED}`, column);
      if (text === 'null') return { type: 'null', evaluate: () => null, column };
      return { type: 'boolean', evaluate: () => text === 'true', column };
    case 'name':
      reader.next();
      if (reader.take('(') !== undefined)
        throw new RouteSyntaxError(`function ${text}() is not supported; ${SUPPORTED}`, column);
      return { type: 'string', evaluate: (message) => propertyOf(message.properties, text), column };
    case 'system':
      reader.next();
      return systemValue(text, column, false);
    default: {
      refuseUnsupportedOperator(token);
      if (reader.take('{') === undefined) return reader.fail('expected a value');
      const escaped = reader.current;
      if (escaped.kind !== 'system') reader.fail('expected $name after "{"');
      reader.next();
      reader.expect('}', `after "{${escaped.text}"`);
      return systemValue(escaped.text, column, true);
    }
  }
}

/** `$name` is a user property of that name first, `{$name}` never is (edgeHub's ConditionVisitor). */
function systemValue(text: string, column: number, escaped: boolean): Expression {
  const isBody = text.slice(0, BODY.length).toLowerCase() === BODY;
  if (!isBody && /[[\]]/.test(text)) {
    throw new RouteSyntaxError(`"${text}" is neither a system property nor a $body.path`, column);
  }
  const read: Evaluate = isBody
    ? compileBodyQuery(text.slice(BODY.length), column)
    : (message) => propertyOf(message.systemProperties, text.slice(1));
  return {
    type: isBody ? 'body value' : 'string',
    evaluate: escaped ? read : (message) => propertyOf(message.properties, text) ?? read(message),
    column,
  };
}

function checkComparison(op: Token, left: Expression, right: Expression): void {
  if (left.type === 'body value' || right.type === 'body value') return;
  if (left.type === right.type && left.type !== 'null') return;
  const rule = 'properties are strings: compare them with quoted text';
  throw new RouteSyntaxError(`"${op.text}" cannot compare a ${left.type} with a ${right.type}; ${rule}`, op.column);
}

function checkBooleans(op: Token, left: Expression, right: Expression): void {
  const leftIs = left.type === 'boolean' || left.type === 'body value';
  if (leftIs && (right.type === 'boolean' || left.type === 'body value')) return;
  const advice = right.type === 'body value' ? '; write the $body value first' : '';
  throw new RouteSyntaxError(
    `${op.text} of a ${left.type} and a ${right.type}, expected true or false on both sides${advice}`,
    op.column,
  );
}

function refuseUnsupportedOperator(token: Token): void {
  if (token.kind === 'operator' && NOT_YET.has(token.value)) {
    throw new RouteSyntaxError(`operator "${token.text}" is not supported; ${SUPPORTED}`, token.column);
  }
}
