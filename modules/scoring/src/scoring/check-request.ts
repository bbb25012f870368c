import type { FrameInput } from '../device/device.js';
import { type ScoringError, scoringError } from '../errors.js';
import type { Package } from '../model/package.js';
import { formatShape } from '../model/shape.js';
import type { PictureLimits } from '../preprocess/limits.js';
import { sniff } from '../preprocess/sniff.js';
import type { ScoreRequest } from './scorer.js';

/** NOT_FOUND in TensorFlow Serving's words: `Latest(name)` without a version, `Specific(name, 7)` with one. */
export function servableNotFound({ name, version }: NonNullable<ScoreRequest['model']>): ScoringError {
  return scoringError(
    'SERVABLE_NOT_FOUND',
    version === undefined ? `Latest(${name})` : `Specific(${name}, ${version})`,
  );
}

/** Whether a call that names this model, or none, is for this package. */
export function isFor(model: ScoreRequest['model'], { id }: Package): boolean {
  return model === undefined || (model.name === id.name && (model.version ?? id.version) === id.version);
}

/**
 * What every model refuses alike: pictures that are none or too large, told from their headers.
 * @throws ScoringError IMAGE_EMPTY, IMAGE_FORMAT, IMAGE_CORRUPT, IMAGE_TOO_LARGE
 */
export function checkPictures(input: FrameInput, limits: PictureLimits): void {
  if (input.kind !== 'images') return;
  for (const [index, image] of input.images.entries()) sniff(image, `images[${index}]`, limits);
}

/** @throws ScoringError INPUT_SHAPE when a tensor is not a batch of the featurizer's input */
export function checkTensor(input: FrameInput, model: Package): void {
  if (input.kind !== 'tensor') return;
  const { shape: expected } = model.manifest.featurizer.input;
  const { shape, data } = input;
  const fits = shape.length === expected.length && expected.every((size, axis) => size < 0 || size === shape[axis]);
  const floats = shape.reduce((product, size) => product * size, 1);
  if (fits && floats === data.length) return;
  const [name] = Object.keys(model.manifest.signature.inputs);
  const found = fits ? `${formatShape(shape)} with ${data.length} values` : formatShape(shape);
  throw scoringError('INPUT_SHAPE', name!, model.id.name, formatShape(expected), found);
}

export function inputBytes(input: FrameInput): number {
  return input.kind === 'tensor'
    ? input.data.byteLength
    : input.images.reduce((sum, image) => sum + image.byteLength, 0);
}
