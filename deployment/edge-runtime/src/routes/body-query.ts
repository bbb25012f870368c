import { propertyOf, type RoutableMessage, type Value } from './message.js';
import { RouteSyntaxError } from './route-error.js';

type Step = string | number;

/** Json.NET reads such strings as dates, and dates have no value in a condition. */
const ISO_DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?$/;

/** Compiles the path of `$body.a.b[0]`, given as `a.b[0]`. */
export function compileBodyQuery(path: string, column: number): (message: RoutableMessage) => Value {
  const steps = parsePath(path, column);
  return (message) => {
    const body = parsedBody(message);
    return body === undefined ? undefined : valueAt(body, steps);
  };
}

function parsePath(path: string, column: number): readonly Step[] {
  const steps: Step[] = [];
  for (const part of path.split('.')) {
    const match = /^([^[\]]+)((?:\[\d{1,9}\])*)$/.exec(part);
    if (match === null) {
      throw new RouteSyntaxError(
        `"$body.${path}" is not a path; names joined by "." with [index], e.g. $body.a.b[0]`,
        column,
      );
    }
    steps.push(match[1] as string);
    for (const index of (match[2] as string).matchAll(/\d+/g)) steps.push(Number(index[0]));
  }
  return steps;
}

/** An absent path is null, which is defined; objects, arrays and dates are undefined. */
function valueAt(body: object, steps: readonly Step[]): Value {
  let value: unknown = body;
  for (const step of steps) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined;
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    if (value === undefined || value === null) return null;
  }
  if (typeof value === 'string') return ISO_DATE.test(value) ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

const parsedBodies = new WeakMap<RoutableMessage, { readonly body: object | undefined }>();

function parsedBody(message: RoutableMessage): object | undefined {
  let entry = parsedBodies.get(message);
  if (entry === undefined) {
    entry = { body: parseBody(message) };
    parsedBodies.set(message, entry);
  }
  return entry.body;
}

function parseBody(message: RoutableMessage): object | undefined {
  if (propertyOf(message.systemProperties, 'contentType')?.toLowerCase() !== 'application/json') return undefined;
  const text = decode(message.body, propertyOf(message.systemProperties, 'contentEncoding')?.toLowerCase());
  if (text === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function decode(bytes: Buffer, encoding: string | undefined): string | undefined {
  if (encoding === 'utf-8') return bytes.toString('utf8');
  if (encoding === 'utf-16') return bytes.toString('utf16le');
  if (encoding !== 'utf-32') return undefined;
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = bytes.readUInt32LE(at);
    if (code > 0x10ffff) return undefined;
    text += String.fromCodePoint(code);
  }
  return text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
