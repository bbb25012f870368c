import { isJsonObject } from './merge-patch.js';

/** Limits of a reported patch (Azure/iotedge edge-hub `ReportedPropertiesValidator.cs`). */
export const REPORTED_LIMITS = {
  patchBytes: 32 * 1024,
  depth: 10,
  nameBytes: 1024,
  stringBytes: 4096,
  minInteger: -4503599627370496,
  maxInteger: 4503599627370495,
} as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the hub refuses
const FORBIDDEN_IN_NAME = /[\u0000-\u001f\u007f-\u009f\s.$#]/;

/**
 * Says what the hub would refuse of a reported patch, or `undefined` when it would take it. The hub refuses with an
 * empty reply that the device SDK takes for success, so it must never come that far.
 */
export function findReportedFault(patch: unknown): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(patch) ?? '');
  if (bytes > REPORTED_LIMITS.patchBytes)
    return `the patch has ${bytes} bytes; expected at most ${REPORTED_LIMITS.patchBytes}`;
  return findFault(patch, 'reported', 0);
}

/** The root is depth 0; objects and arrays may stand at depth 10. */
function findFault(value: unknown, path: string, depth: number): string | undefined {
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    return bytes > REPORTED_LIMITS.stringBytes
      ? `${path} has ${bytes} bytes; expected at most ${REPORTED_LIMITS.stringBytes}`
      : undefined;
  }
  if (typeof value === 'number') return findNumberFault(value, path);
  if (Array.isArray(value) || isJsonObject(value)) {
    if (depth > REPORTED_LIMITS.depth)
      return `${path} is nested ${depth} deep; expected at most ${REPORTED_LIMITS.depth}`;
    return Array.isArray(value) ? findArrayFault(value, path, depth) : findObjectFault(value, path, depth);
  }
  return value === null || typeof value === 'boolean' ? undefined : `${path} is ${typeof value}; expected JSON`;
}

function findNumberFault(value: number, path: string): string | undefined {
  if (!Number.isFinite(value)) return `${path} is ${value}; expected a finite number`;
  const { minInteger, maxInteger } = REPORTED_LIMITS;
  return Number.isInteger(value) && (value < minInteger || value > maxInteger)
    ? `${path} is ${value}; expected ${minInteger} to ${maxInteger}`
    : undefined;
}

function findArrayFault(items: readonly unknown[], path: string, depth: number): string | undefined {
  for (const [index, item] of items.entries()) {
    const at = `${path}[${index}]`;
    if (hasNull(item)) return `${at} is or holds null; expected no null inside an array`;
    const fault = findFault(item, at, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function findObjectFault(object: object, path: string, depth: number): string | undefined {
  for (const [name, value] of Object.entries(object)) {
    if (name === '' || Buffer.byteLength(name) > REPORTED_LIMITS.nameBytes)
      return `${path}: a name has ${Buffer.byteLength(name)} bytes; expected 1 to ${REPORTED_LIMITS.nameBytes}`;
    if (FORBIDDEN_IN_NAME.test(name))
      return `${path}: name ${JSON.stringify(name)} holds white space, a control character, '.', '$' or '#'`;
    const fault = findFault(value, `${path}.${name}`, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function hasNull(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return isJsonObject(value) && Object.values(value).some(hasNull);
}
