import { Ajv, type ErrorObject } from 'ajv';
import ajvFormats from 'ajv-formats';
import { scoringError } from '../errors.js';
import type { ModelManifest } from './manifest.js';
import { manifestSchema } from './manifest-schema.js';
import { formatShape } from './shape.js';

const ajv = new Ajv({ discriminator: true, strict: true, strictRequired: false, strictTypes: false, allErrors: false });
ajvFormats.default(ajv, ['date-time']);
const validate = ajv.compile<ModelManifest>(manifestSchema);

/**
 * Reads the text of a `model.json`: its schema first, then what a schema cannot say (files that are named are listed,
 * the graphs fit each other and the recipe). `path` is for messages only.
 *
 * Throws PACKAGE_MANIFEST naming the field, the value and what was expected.
 */
export function parseManifest(text: string, path: string): ModelManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw scoringError('PACKAGE_MANIFEST', path, 'content', `not JSON: ${(error as Error).message}`);
  }
  if (!validate(value)) {
    const [field, detail] = explain(validate.errors?.[0], value);
    throw scoringError('PACKAGE_MANIFEST', path, field, detail);
  }
  checkReferences(value, path);
  checkShapes(value, path);
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

function checkReferences(manifest: ModelManifest, path: string): void {
  for (const name of Object.keys(manifest.files)) {
    const bad = name.split('/').some((segment) => segment === '.' || segment === '..');
    if (bad || name.startsWith('/') || name.includes('\\') || name === 'model.json') {
      const detail = 'expected the path of another file inside the package, without ".." or a leading "/"';
      throw scoringError('PACKAGE_MANIFEST', path, `files.${name}`, detail);
    }
  }
  const named = {
    'featurizer.file': manifest.featurizer.file,
    'classifier.file': manifest.classifier.file,
    'postprocessing.labels': manifest.postprocessing.labels,
  };
  for (const [field, file] of Object.entries(named)) {
    if (!Object.hasOwn(manifest.files, file)) {
      const known = Object.keys(manifest.files).join(', ');
      throw scoringError('PACKAGE_MANIFEST', path, field, `${file} is not in "files", which lists ${known}`);
    }
  }
}

function checkShapes(manifest: ModelManifest, path: string): void {
  const refuse = (field: string, expected: string, found: string) => {
    throw scoringError('PACKAGE_MANIFEST', path, field, `expected ${expected}, found ${found}`);
  };
  const { featurizer, classifier, preprocessing } = manifest;
  const { resize, layout } = preprocessing;
  if (resize.mode === 'aspect-crop' && Math.max(resize.height, resize.width) > resize.shortSide) {
    const found = `${resize.height}x${resize.width}`;
    refuse('preprocessing.resize', `a crop within the short side of ${resize.shortSide}`, found);
  }
  const { height, width } = resize;
  const expected = layout === 'NHWC' ? [-1, height, width, 3] : [-1, 3, height, width];
  if (!sameShape(expected, featurizer.input.shape)) {
    refuse('featurizer.input.shape', `${formatShape(expected)} (the recipe)`, formatShape(featurizer.input.shape));
  }
  const features = featurizer.outputs.find((output) => output.name === classifier.input.name);
  if (!features) {
    const known = featurizer.outputs.map((output) => output.name).join(', ');
    refuse('classifier.input.name', `an output of the featurizer (${known})`, classifier.input.name);
  } else if (!sameShape(features.shape, classifier.input.shape)) {
    refuse('classifier.input.shape', formatShape(features.shape), formatShape(classifier.input.shape));
  }
  for (const [index, output] of classifier.outputs.entries()) {
    if (output.shape.at(-1)! < 1) {
      refuse(`classifier.outputs[${index}].shape`, 'a known last dimension', formatShape(output.shape));
    }
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, index) => size === b[index]);
}
