import type { FrameInput } from '../../device/device.js';
import { scoringError } from '../../errors.js';
import { SIGNATURE } from '../../scoring/signature.js';
import { isBase64, isObject, readTensor } from './json-tensor.js';

/** The body of `:predict`. */
export interface RestPredictRequest {
  /** Row form (`instances`) is answered with `predictions`, columnar form (`inputs`) with `outputs`. */
  readonly form: 'row' | 'columnar';
  /** As the caller wrote it; undefined when he left it out, as he may with one input. */
  readonly inputName: string | undefined;
  readonly input: FrameInput;
}

/**
 * Reads the body of a predict call of TensorFlow Serving's REST API (`util/json_tensor.cc`). Every model here has one
 * input, so a body that names several is refused.
 *
 * @throws ScoringError REST_BODY, REST_SIGNATURE, and what `readTensor` throws
 */
export function readPredictRequest(document: unknown): RestPredictRequest {
  if (!isObject(document)) throw scoringError('REST_BODY', "Missing 'inputs' or 'instances' key");
  checkSignatureName(document.signature_name);
  const { instances, inputs } = document;
  if (instances !== undefined && inputs !== undefined) {
    throw scoringError('REST_BODY', "Expected one of 'inputs' and 'instances', found both");
  }
  if (instances !== undefined) return readRows(instances);
  if (inputs !== undefined) return readColumns(inputs);
  throw scoringError('REST_BODY', "Missing 'inputs' or 'instances' key");
}

function checkSignatureName(name: unknown): void {
  if (name === undefined || name === '' || name === SIGNATURE) return;
  if (typeof name !== 'string') throw scoringError('REST_BODY', "'signature_name' key must be a string value.");
  throw scoringError('REST_SIGNATURE', name);
}

function readRows(instances: unknown): RestPredictRequest {
  if (!Array.isArray(instances) || instances.length === 0) {
    throw scoringError('REST_BODY', "'instances' must be a list with at least one element");
  }
  const named = isNamed(instances[0]);
  const inputName = named ? onlyName(instances[0], "'instances' element 0") : undefined;
  const values = instances.map((instance: unknown, index) => {
    if (isNamed(instance) !== named) {
      throw scoringError(
        'REST_BODY',
        `'instances' element ${index} ${named ? 'names no input' : 'names its input'}, unlike element 0`,
      );
    }
    return inputName === undefined ? instance : rowValue(instance, inputName, index);
  });
  return { form: 'row', inputName, input: readTensor(values) };
}

function rowValue(instance: unknown, name: string, index: number): unknown {
  const found = onlyName(instance, `'instances' element ${index}`);
  if (found === name) return (instance as Record<string, unknown>)[name];
  throw scoringError(
    'REST_BODY',
    `Failed to process element: ${index} key: ${found} of 'instances' list: expected ${name}`,
  );
}

function readColumns(inputs: unknown): RestPredictRequest {
  if (!isNamed(inputs)) return { form: 'columnar', inputName: undefined, input: readTensor(inputs) };
  const inputName = onlyName(inputs, "'inputs'");
  return { form: 'columnar', inputName, input: readTensor((inputs as Record<string, unknown>)[inputName]) };
}

function isNamed(value: unknown): boolean {
  return isObject(value) && !isBase64(value);
}

function onlyName(value: unknown, where: string): string {
  const [name, ...more] = Object.keys(value as object);
  if (name !== undefined && more.length === 0) return name;
  throw scoringError(
    'REST_BODY',
    `${where} names ${1 + more.length - (name === undefined ? 1 : 0)} inputs; expected one`,
  );
}
