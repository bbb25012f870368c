/** JSON objects of a twin: sections by name. */
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Applies a JSON merge patch (RFC 7396) and returns the result; neither argument is changed.
 *
 * The device SDK merges arrays by index in its own copy of the twin (`[1,2,3]` patched with `[9]` becomes `[9,2,3]`);
 * here an array replaces an array, as the RFC and the hub have it.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, unknown> = Object.assign(Object.create(null), isJsonObject(target) ? target : {});
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return { ...result };
}

/**
 * The merge patch that makes `from` equal to `to`, whatever of `to` the other side already has: all of `to`, and `null`
 * for what only `from` has.
 */
export function replacementPatch(from: unknown, to: JsonObject): JsonObject {
  const patch: Record<string, unknown> = {};
  if (isJsonObject(from)) for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = isJsonObject(from) && Object.hasOwn(from, key) ? from[key] : undefined;
    patch[key] = isJsonObject(value) ? replacementPatch(before, value) : value;
  }
  return patch;
}

/** Equal as JSON, whatever the order of the names. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (isJsonObject(a) && isJsonObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
    );
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  return a === b;
}
