import { scoringError } from '../errors.js';
import type { GraphTensor, ModelManifest } from './manifest.js';
import { formatShape, sameShape } from './shape.js';

/**
 * The device section against the rest of a manifest: the card takes the featurizer's picture, with a border or without,
 * and without a tail it gives what the featurizer gives. With one, its graph is verified when the package is opened.
 *
 * @throws ScoringError PACKAGE_DEVICE
 */
export function checkDevice({ device, featurizer, preprocessing }: ModelManifest, path: string): void {
  if (!device) return;
  const refuse = (field: string, expected: string, found: string): never => {
    throw scoringError('PACKAGE_DEVICE', path, `device.${field}`, expected, found);
  };
  const { height, width } = preprocessing.resize;
  const [, rows = 0, columns = 0, channels] = device.input.shape;
  const border = (rows - height) / 2;
  const isPicture = device.input.shape.length === 4 && channels === 3 && Number.isInteger(border) && border >= 0;
  if (!isPicture || columns - width !== rows - height) {
    const expected = `rows, columns and 3 channels of the recipe's ${height}x${width}, with the same border all around`;
    refuse('input.shape', expected, formatShape(device.input.shape));
  }
  if (device.tail !== undefined) return;
  const [output] = featurizer.outputs;
  if (featurizer.outputs.length !== 1) {
    refuse('tail', `a graph that makes the featurizer's ${featurizer.outputs.length} outputs of the card's`, 'none');
  } else if (device.output.name !== output!.name || !sameShape(ofOne(device.output), ofOne(output!))) {
    refuse('output', `${shown(output!)}, the featurizer's, as there is no tail`, shown(device.output));
  }
}

/** The batch does not count: cards take one picture at a time. */
function ofOne({ shape }: GraphTensor): readonly number[] {
  return shape.slice(1);
}

function shown({ name, shape }: GraphTensor): string {
  return `${name} ${formatShape(shape)}`;
}
