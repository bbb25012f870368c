import { isDeepStrictEqual } from 'node:util';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON merge patch (RFC 7386). Makes new objects; `__proto__` stays an ordinary name. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, applyMergePatch(result.get(name), value));
  }
  return Object.fromEntries(result);
}

/** The smallest merge patch that leads from one object to the other; both without nulls. */
export function diffMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const old = new Map(Object.entries(from));
  const patch = new Map<string, unknown>();
  for (const [name, value] of Object.entries(to)) {
    const before = old.get(name);
    old.delete(name);
    if (isDeepStrictEqual(before, value)) continue;
    patch.set(name, isJsonObject(before) && isJsonObject(value) ? diffMergePatch(before, value) : value);
  }
  for (const name of old.keys()) patch.set(name, null);
  return Object.fromEntries(patch);
}
