import { scoringError } from '../../errors.js';
import type { GraphSpec, GraphTensor, ModelManifest } from '../manifest.js';
import { formatShape } from '../shape.js';
import type { OnnxHeader, OnnxScope, OnnxValue } from './onnx-header.js';
import { operatorKey } from './onnx-header.js';
import { IR_VERSIONS, OPSETS, whyUnknown } from './operators.js';
import { verifyExternal } from './verify-external.js';

/**
 * Checks that a graph is the one that the manifest describes, and that the runtime has what it needs.
 *
 * @param path of the graph, for messages
 * @param files those of the package, which weights outside the graph must be among
 * @param graphs the package's, by file: weights in one of them must be its own
 * @throws ScoringError PACKAGE_OPSET, PACKAGE_OPERATOR, PACKAGE_TENSOR_NAME, PACKAGE_TENSOR_TYPE, PACKAGE_TENSOR_SHAPE,
 *   PACKAGE_OUTSIDE, PACKAGE_WEIGHTS
 */
export function verifyGraph(
  path: string,
  header: OnnxHeader,
  spec: GraphSpec,
  files: ModelManifest['files'],
  graphs: ReadonlyMap<string, OnnxHeader> = new Map(),
) {
  const { irVersion } = header;
  if (irVersion < IR_VERSIONS.least || irVersion > IR_VERSIONS.most) {
    throw scoringError('PACKAGE_OPSET', path, 'ir_version', range(IR_VERSIONS), String(irVersion));
  }
  verifyOperators(path, header);
  const fed = header.inputs.map(({ name }) => name);
  const [extra] = fed.filter((name) => name !== spec.input.name);
  verifyTensor(path, 'input', spec.input, header.inputs);
  if (extra !== undefined) throw scoringError('PACKAGE_TENSOR_NAME', path, 'inputs', spec.input.name, fed.join(', '));
  for (const output of spec.outputs) verifyTensor(path, 'output', output, header.outputs);
  for (const weights of header.external) verifyExternal(path, spec.file, weights, files, graphs);
}

/**
 * Checks that the runtime has every operator of a graph and of what is nested in it.
 *
 * @throws ScoringError PACKAGE_OPSET, PACKAGE_OPERATOR
 */
export function verifyOperators(path: string, { scopes, functions }: OnnxHeader): void {
  for (const scope of scopes) verifyScope(path, scope, functions);
}

function verifyScope(path: string, { opsets, operators }: OnnxScope, functions: ReadonlySet<string>): void {
  const opset = opsets.get('');
  if (opset !== undefined && (opset < OPSETS.least || opset > OPSETS.most)) {
    throw scoringError('PACKAGE_OPSET', path, 'opset of ai.onnx', range(OPSETS), String(opset));
  }
  for (const { domain, type, node } of operators.values()) {
    const version = opsets.get(domain);
    const shown = domain || 'ai.onnx';
    if (version === undefined) {
      throw scoringError('PACKAGE_OPSET', path, `opset of ${shown}`, `one, as the graph has ${type}`, 'none');
    }
    if (functions.has(operatorKey(domain, type))) continue;
    const why = whyUnknown(domain, type, version);
    if (why !== undefined) {
      const found = `${type} of ${shown} ${version}, ${why}`;
      throw scoringError('PACKAGE_OPERATOR', path, `node ${node || `of type ${type}`}`, found);
    }
  }
}

function verifyTensor(path: string, side: string, { name, shape }: GraphTensor, found: readonly OnnxValue[]): void {
  const tensor = found.find((one) => one.name === name);
  if (!tensor) {
    const names = found.map((one) => one.name).join(', ') || 'none';
    throw scoringError('PACKAGE_TENSOR_NAME', path, `${side} name`, name, names.slice(0, 1000));
  }
  if (tensor.type !== 'FLOAT') {
    throw scoringError('PACKAGE_TENSOR_TYPE', path, `type of ${name}`, 'FLOAT', tensor.type);
  }
  if (tensor.shape && !fits(shape, tensor.shape)) {
    throw scoringError('PACKAGE_TENSOR_SHAPE', path, `shape of ${name}`, formatShape(shape), formatShape(tensor.shape));
  }
}

/** The graph's sizes that are open fit any; the batch must be open or 1, because pictures are run one at a time. */
function fits(manifest: readonly number[], graph: readonly (number | string)[]): boolean {
  return (
    manifest.length === graph.length &&
    graph.every((size, axis) => typeof size === 'string' || size === (axis === 0 ? 1 : manifest[axis]))
  );
}

function range({ least, most }: { readonly least: number; readonly most: number }): string {
  return `${least} to ${most}`;
}
