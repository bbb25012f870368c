import { isJsonObject, type JsonObject, REPORTED_LIMITS } from '@edgeslot/edge-module/twin';
import { clip, LONGEST_TEXT, sizeOf } from './report-texts.js';

/** Objects and arrays deeper than this below a section are left out; the section itself is a level of the hub's. */
const DEPTH = REPORTED_LIMITS.depth - 1;
const SHORTEST_TEXT = 24;

/**
 * The section made so that the hub takes it and that it has at most `bytes` bytes of JSON: texts are cut, all to the same
 * length, then the oldest entries of lists go, at last the fields that come last. What is no JSON value is left out.
 *
 * @param bytes at least 200
 */
export function fitSection(section: JsonObject, bytes: number): JsonObject {
  for (let text = LONGEST_TEXT; text >= SHORTEST_TEXT; text = Math.floor(text / 2)) {
    const fitted = cleanObject(section, text, 0);
    if (sizeOf(fitted) <= bytes) return fitted;
  }
  return drop(cleanObject(section, SHORTEST_TEXT, 0), bytes);
}

function drop(section: JsonObject, bytes: number): JsonObject {
  let fitted = section;
  while (sizeOf(fitted) > bytes) {
    const lists = Object.entries(fitted).filter(([, value]) => Array.isArray(value) && value.length > 0);
    const longest = lists.sort(([, a], [, b]) => sizeOf(b) - sizeOf(a))[0];
    if (longest) fitted = { ...fitted, [longest[0]]: (longest[1] as unknown[]).slice(1) };
    else fitted = Object.fromEntries(Object.entries(fitted).slice(0, -1));
  }
  return fitted;
}

/** `undefined` for what a twin cannot hold. Nulls would delete, and inside a list the hub refuses them. */
function clean(value: unknown, text: number, depth: number): unknown {
  if (typeof value === 'string') return clip(value, text);
  if (typeof value === 'number') return cleanNumber(value);
  if (typeof value === 'boolean') return value;
  if (depth >= DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((item) => clean(item, text, depth + 1)).filter((one) => one !== undefined);
  return isJsonObject(value) ? cleanObject(value, text, depth) : undefined;
}

function cleanObject(object: JsonObject, text: number, depth: number): JsonObject {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => {
      const kept = clean(value, text, depth + 1);
      const key = clip(name.replaceAll(FORBIDDEN_IN_NAME, '_'), SHORTEST_TEXT * 2);
      return kept === undefined || key === '' ? [] : [[key, kept]];
    }),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the hub refuses
const FORBIDDEN_IN_NAME = /[\u0000-\u001f\u007f-\u009f\s.$#]/g;

function cleanNumber(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  const { minInteger, maxInteger } = REPORTED_LIMITS;
  return Number.isInteger(value) ? Math.max(minInteger, Math.min(maxInteger, value)) : value;
}
