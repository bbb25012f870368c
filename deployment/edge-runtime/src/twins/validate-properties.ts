import { isJsonObject } from './merge-patch.js';

/** Limits of a module's twin, as edgeHub's ReportedPropertiesValidator and IoT Hub state them. */
export const TWIN_LIMITS = {
  sectionBytes: 32 * 1024,
  depth: 10,
  nameBytes: 1024,
  stringBytes: 4096,
  integerMin: -4503599627370496,
  integerMax: 4503599627370495,
} as const;

/** Says which property is wrong and what was expected. */
export class TwinValidationError extends Error {
  override readonly name = 'TwinValidationError';
}

// Control characters, any white space (the no-break space too), and what a path needs for itself.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN_IN_NAME = /[\u0000-\u001f\u007f-\u009f\s.$#]/u;

/** Checks a patch or a whole section; throws TwinValidationError at the first fault. */
export function validateProperties(value: unknown, what: string): void {
  if (!isJsonObject(value)) throw new TwinValidationError(`${what} must be a JSON object, got ${kindOf(value)}`);
  validateSize(value, what);
  validateObject(value, what, 0);
}

export function validateSize(value: unknown, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > TWIN_LIMITS.sectionBytes) {
    throw new TwinValidationError(
      `${what} has ${bytes} bytes of JSON, at most ${TWIN_LIMITS.sectionBytes} are allowed`,
    );
  }
}

function validateObject(object: Readonly<Record<string, unknown>>, path: string, depth: number): void {
  for (const [name, value] of Object.entries(object)) {
    validateName(name, path);
    validateValue(value, `${path}.${name}`, depth + 1);
  }
}

function validateName(name: string, path: string): void {
  if (Buffer.byteLength(name) > TWIN_LIMITS.nameBytes) {
    const shown = `${name.slice(0, 32)}…`;
    throw new TwinValidationError(`${path}: name "${shown}" is longer than ${TWIN_LIMITS.nameBytes} bytes`);
  }
  const wrong = FORBIDDEN_IN_NAME.exec(name);
  if (wrong !== null) {
    throw new TwinValidationError(
      `${path}: name ${JSON.stringify(name)} holds ${JSON.stringify(wrong[0])}; control characters, white space, ".", "$" and "#" are not allowed`,
    );
  }
}

function validateValue(value: unknown, path: string, depth: number): void {
  if (typeof value === 'string') {
    const bytes = Buffer.byteLength(value);
    if (bytes > TWIN_LIMITS.stringBytes) {
      throw new TwinValidationError(`${path} has ${bytes} bytes, a string may have ${TWIN_LIMITS.stringBytes}`);
    }
  } else if (typeof value === 'number') {
    if (Number.isInteger(value) && (value < TWIN_LIMITS.integerMin || value > TWIN_LIMITS.integerMax)) {
      throw new TwinValidationError(
        `${path} is ${value}, an integer must be from ${TWIN_LIMITS.integerMin} to ${TWIN_LIMITS.integerMax}`,
      );
    }
  } else if (Array.isArray(value)) {
    checkDepth(path, depth);
    value.forEach((item, index) => {
      validateArrayItem(item, `${path}[${index}]`, depth + 1);
    });
  } else if (isJsonObject(value)) {
    checkDepth(path, depth);
    validateObject(value, path, depth);
  }
}

function validateArrayItem(item: unknown, path: string, depth: number): void {
  if (item === null) throw new TwinValidationError(`${path} is null; arrays hold no null`);
  if (isJsonObject(item)) {
    for (const [name, value] of Object.entries(item)) {
      if (value === null) throw new TwinValidationError(`${path}.${name} is null; objects in arrays hold no null`);
    }
  }
  validateValue(item, path, depth);
}

function checkDepth(path: string, depth: number): void {
  if (depth > TWIN_LIMITS.depth) {
    throw new TwinValidationError(`${path} lies deeper than ${TWIN_LIMITS.depth} levels`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
