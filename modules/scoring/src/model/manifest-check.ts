import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import { scoringError } from '../errors.js';
import type { ModelManifest, Recipe } from './manifest.js';
import { checkConsistency, checkCrop } from './manifest-consistency.js';
import { manifestDigest } from './manifest-digest.js';
import { manifestSchema, recipeSchema } from './manifest-schema.js';

const ajv = new Ajv({ discriminator: true, strict: true, strictRequired: false, strictTypes: false, allErrors: false });
ajvFormats.default(ajv, ['date-time']);

/**
 * Reads the text of a `model.json`: its schema first, then what a schema cannot say (files that are named are listed,
 * the graphs fit each other and the recipe). `path` is for messages only.
 *
 * Throws PACKAGE_MANIFEST naming the field, the value and what was expected; PACKAGE_OUTSIDE for a path that leaves,
 * PACKAGE_LINK for graphs that do not fit each other, PACKAGE_DEVICE for a card that does not fit them, PACKAGE_DIGEST for a manifest that is not what was sealed.
 */
export function parseManifest(text: string, path: string): ModelManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw scoringError('PACKAGE_MANIFEST', path, 'content', `not JSON: ${(error as Error).message}`);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format !== undefined) {
    // The registry keeps models of other programs beside packages, to be converted.
    const detail = `${shorten(format)} is kept as source and is not servable: convert it, and name the model made from it`;
    throw scoringError('PACKAGE_MANIFEST', path, 'format', detail);
  }
  // Compiled at the first manifest, and kept.
  const validate = ajv.compile<ModelManifest>(manifestSchema);
  if (!validate(value)) {
    const [field, detail] = explain(validate.errors?.[0], value);
    throw scoringError('PACKAGE_MANIFEST', path, field, detail);
  }
  checkConsistency(value, path);
  const found = manifestDigest(value);
  if (value.digest !== undefined && value.digest !== found) {
    throw scoringError('PACKAGE_DIGEST', path, value.digest, found);
  }
  return value;
}

/**
 * A recipe that stands outside a manifest. `path` is for messages only.
 *
 * Throws PACKAGE_MANIFEST naming the field, the value and what was expected.
 */
export function checkRecipe(value: unknown, path: string): Recipe {
  const validate = ajv.compile<Recipe>(recipeSchema);
  if (!validate(value)) {
    const [field, detail] = explain(validate.errors?.[0], value);
    throw scoringError('PACKAGE_MANIFEST', path, field, detail);
  }
  checkCrop(value, (field, expected, found) => {
    throw scoringError('PACKAGE_MANIFEST', path, field, `expected ${expected}, found ${found}`);
  });
  return value;
}

function explain(error: ErrorObject | undefined, value: unknown): [string, string] {
  if (!error) return ['content', 'does not match the schema'];
  const params = error.params as Record<string, unknown>;
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value);
  const field = steps.join('.') || 'content';
  if (error.keyword === 'required') return [[...steps, params.missingProperty].join('.'), 'is missing'];
  if (error.keyword === 'additionalProperties') {
    return [[...steps, params.additionalProperty].join('.'), 'is not a field of the schema'];
  }
  const allowed =
    'allowedValues' in params
      ? ` ${JSON.stringify(params.allowedValues)}`
      : 'allowedValue' in params
        ? ` ${JSON.stringify(params.allowedValue)}`
        : '';
  return [field, `${error.message ?? 'is not valid'}${allowed}, found ${shorten(found)}`];
}

function shorten(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}
