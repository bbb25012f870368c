import { dirname, join, normalize } from 'node:path/posix';
import { scoringError } from '../../errors.js';
import type { ModelManifest } from '../manifest.js';
import { formatShape } from '../shape.js';
import type { ExternalWeights, OnnxHeader, OnnxTensor } from './onnx-header.js';

/** Bytes of an element; ONNX keeps no other types outside a graph. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  ...{ FLOAT: 4, DOUBLE: 8, FLOAT16: 2, BFLOAT16: 2, COMPLEX64: 8, COMPLEX128: 16, BOOL: 1 },
  ...{ INT8: 1, INT16: 2, INT32: 4, INT64: 8, UINT8: 1, UINT16: 2, UINT32: 4, UINT64: 8 },
  ...{ FLOAT8E4M3FN: 1, FLOAT8E4M3FNUZ: 1, FLOAT8E5M2: 1, FLOAT8E5M2FNUZ: 1, UINT4: 0.5, INT4: 0.5, FLOAT4E2M1: 0.5 },
};

/**
 * Checks weights that a graph has in another file: the manifest lists the file, their bytes are inside it, and, where it
 * is another graph of the package, they are that graph's tensor of the same name, type and dimensions. A graph that was
 * written anew (quantised, say) would otherwise lend its neighbour whatever has come to lie at the old place.
 *
 * @param path of the graph, for messages
 * @param from the graph's file in the package
 * @throws ScoringError PACKAGE_OUTSIDE, PACKAGE_WEIGHTS
 */
export function verifyExternal(
  path: string,
  from: string,
  weights: ExternalWeights,
  files: ModelManifest['files'],
  graphs: ReadonlyMap<string, OnnxHeader>,
): void {
  const { name, type, dims, location } = weights;
  const file = normalize(join(dirname(from), location));
  if (location.startsWith('/') || location.includes('\\') || !Object.hasOwn(files, file)) {
    throw scoringError('PACKAGE_OUTSIDE', path, 'external_data', `${location}, which the manifest does not list`);
  }
  const refuse = (expected: string, found: string): never => {
    throw scoringError('PACKAGE_WEIGHTS', path, `external_data of ${name}`, expected, found);
  };
  const bytes = Math.ceil(dims.reduce((product, size) => product * size, ELEMENT_BYTES[type] ?? Number.NaN));
  if (!(bytes >= 0) || dims.some((size) => size < 0)) refuse('a tensor of numbers', `${type} ${formatShape(dims)}`);
  const offset = wholeNumber(weights.offset ?? '0') ?? refuse('an offset in bytes', weights.offset!);
  if (weights.length !== undefined && wholeNumber(weights.length) !== bytes) {
    refuse(`a length of ${bytes} bytes, as ${type} ${formatShape(dims)} has`, weights.length);
  }
  if (offset + bytes > files[file]!.bytes) {
    refuse(`${bytes} bytes within the ${files[file]!.bytes} of ${file}`, `them from byte ${offset} on`);
  }
  const graph = graphs.get(file);
  if (!graph) return;
  const own = graph.weights.find((one) => one.name === name) ?? refuse(`${name} among the weights of ${file}`, 'none');
  if (describe(own) !== describe(weights)) refuse(`${describe(weights)}, as in ${file}`, describe(own));
  if (own.offset !== offset || own.length !== bytes) {
    refuse(`its ${own.length} bytes from byte ${own.offset} of ${file} on`, `${bytes} from byte ${offset} on`);
  }
}

function describe({ type, dims }: OnnxTensor): string {
  return `${type} ${formatShape(dims)}`;
}

function wholeNumber(text: string): number | undefined {
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}
