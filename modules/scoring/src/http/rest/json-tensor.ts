import type { FrameInput } from '../../device/device.js';
import { scoringError } from '../../errors.js';
import { numberOf } from './parse-json.js';

/** No signature has more axes; it also bounds the recursion. */
const MAX_AXES = 8;

/**
 * The values of one input tensor, the batch first, as what a lane takes: pictures (`{"b64": …}` or a string each; one
 * alone is a batch of one) or nested lists of numbers. Rules and texts are those of TensorFlow Serving's
 * `util/json_tensor.cc`.
 *
 * @throws ScoringError REST_BASE64, REST_VALUE, REST_LIST_SIZE, REST_LIST_DEPTH
 */
export function readTensor(value: unknown): FrameInput {
  const first = Array.isArray(value) ? value[0] : value;
  if (isBytes(first)) return { kind: 'images', images: (Array.isArray(value) ? value : [value]).map(bytesOf) };
  return numbers(value);
}

/** `{"b64": "…"}`, and nothing else in it. */
export function isBase64(value: unknown): value is { readonly b64: unknown } {
  return isObject(value) && Object.hasOwn(value, 'b64') && Object.keys(value).length === 1;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isBytes(value: unknown): boolean {
  return isBase64(value) || (typeof value === 'string' && numberOf(value) === undefined);
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (!isBase64(value)) throw scoringError('REST_VALUE', jsonText(value), typeName(value), 'string');
  const { b64 } = value;
  if (typeof b64 !== 'string') throw scoringError('REST_VALUE', jsonText(b64), typeName(b64), 'string');
  // Node skips what is no base64, and takes the URL-safe alphabet too.
  if (b64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(b64)) throw scoringError('REST_BASE64', jsonText(b64));
  return Buffer.from(b64, 'base64');
}

function numbers(value: unknown): FrameInput {
  const shape = shapeOf(value);
  checkLists(value, shape, 0);
  // Not before: one long list beside many short values would ask for far more memory than their text took.
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  let filled = 0;
  const fill = (part: unknown, axis: number) => {
    if (axis === shape.length) {
      const number = numberOf(part);
      if (number === undefined) throw scoringError('REST_VALUE', jsonText(part), typeName(part), 'float');
      data[filled++] = number;
      return;
    }
    for (const one of part as readonly unknown[]) fill(one, axis + 1);
  };
  fill(value, 0);
  return { kind: 'tensor', shape, data };
}

function checkLists(part: unknown, shape: readonly number[], axis: number): void {
  if (axis === shape.length) return;
  if (!Array.isArray(part)) throw scoringError('REST_VALUE', jsonText(part), typeName(part), 'list');
  if (part.length !== shape[axis]) throw scoringError('REST_LIST_SIZE', part.length, axis, shape[axis]!);
  if (axis + 1 < shape.length) for (const one of part) checkLists(one, shape, axis + 1);
}

/** By the first elements; all others must be like them. */
function shapeOf(value: unknown): number[] {
  const shape: number[] = [];
  for (let part = value; Array.isArray(part); part = part[0]) {
    shape.push(part.length);
    if (shape.length > MAX_AXES) throw scoringError('REST_LIST_DEPTH', MAX_AXES);
  }
  return shape;
}

function typeName(value: unknown): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  const name = typeof value;
  return `${name[0]!.toUpperCase()}${name.slice(1)}`;
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
