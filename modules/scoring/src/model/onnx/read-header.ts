import { open } from 'node:fs/promises';
import { scoringError } from '../../errors.js';
import {
  type ExternalWeights,
  type OnnxHeader,
  type OnnxOperator,
  type OnnxValue,
  type OnnxWeights,
  operatorKey,
  plainDomain,
} from './onnx-header.js';
import { ProtoError, type ProtoField, ProtoFile } from './proto-file.js';
import { readValue } from './read-value.js';
import { type ReadWeights, readWeights } from './read-weights.js';

/** What is gathered while the file is walked. */
class Gathering {
  irVersion = 0;
  graphs = 0;
  readonly inputs: OnnxValue[] = [];
  readonly outputs: OnnxValue[] = [];
  readonly initializers = new Set<string>();
  readonly scopes: Scope[] = [];
  readonly functions = new Set<string>();
  readonly weights: OnnxWeights[] = [];
  readonly external: ExternalWeights[] = [];
}

class Scope {
  readonly opsets = new Map<string, number>();
  readonly operators = new Map<string, OnnxOperator>();
}

/**
 * Reads an ONNX ModelProto's header: versions, inputs, outputs, operators, where the weights are. Weights are skipped
 * unread, so a graph of any size costs a few milliseconds and 64 KiB. Field numbers are those of `onnx.proto`.
 *
 * @throws ScoringError PACKAGE_GRAPH_FORMAT when the file is no ONNX model
 */
export async function readOnnxHeader(path: string): Promise<OnnxHeader> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const proto = new ProtoFile(file, size);
    const all = new Gathering();
    await readModel(proto, all);
    if (all.graphs !== 1) throw scoringError('PACKAGE_GRAPH_FORMAT', path, 'one graph', String(all.graphs));
    const inputs = all.inputs.filter(({ name }) => !all.initializers.has(name));
    return { ...all, inputs };
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    throw scoringError('PACKAGE_GRAPH_FORMAT', path, 'an ONNX model', error.message);
  } finally {
    await file.close();
  }
}

async function readModel(proto: ProtoFile, all: Gathering): Promise<void> {
  const scope = new Scope();
  all.scopes.push(scope);
  await proto.walk({ from: 0, to: proto.size }, async (field) => {
    if (field.number === 1) all.irVersion = field.value;
    if (field.number === 7) {
      all.graphs++;
      await readGraph(proto, field, scope, all, true);
    }
    if (field.number === 8) await readOpset(proto, field, scope);
    if (field.number === 25) await readFunction(proto, field, all);
  });
}

async function readGraph(
  proto: ProtoFile,
  graph: ProtoField,
  scope: Scope,
  all: Gathering,
  isMain: boolean,
): Promise<void> {
  await proto.walk(graph, async (field) => {
    if (field.number === 1) await readNode(proto, field, scope, all);
    if (field.number === 5) {
      const { name, own } = await readTensor(proto, field, all);
      if (isMain) all.initializers.add(name);
      if (isMain && own) all.weights.push(own);
    }
    if (field.number === 15) {
      await proto.walk(field, async (tensor) => {
        if (tensor.number > 2) return;
        const { name } = await readTensor(proto, tensor, all);
        if (isMain && tensor.number === 1) all.initializers.add(name);
      });
    }
    if (isMain && field.number === 11) all.inputs.push(await readValue(proto, field));
    if (isMain && field.number === 12) all.outputs.push(await readValue(proto, field));
  });
}

async function readNode(proto: ProtoFile, node: ProtoField, scope: Scope, all: Gathering): Promise<void> {
  let [name, type, domain] = ['', '', ''];
  await proto.walk(node, async (field) => {
    if (field.number === 3) name = await proto.text(field);
    if (field.number === 4) type = await proto.text(field);
    if (field.number === 7) domain = plainDomain(await proto.text(field));
    if (field.number === 5) await readAttribute(proto, field, scope, all);
  });
  const key = operatorKey(domain, type);
  if (!scope.operators.has(key)) scope.operators.set(key, { domain, type, node: name });
}

/** The graphs of `If` and `Loop`, and tensors. */
async function readAttribute(proto: ProtoFile, attribute: ProtoField, scope: Scope, all: Gathering): Promise<void> {
  await proto.walk(attribute, async (field) => {
    if (field.wire !== 2) return;
    if (field.number === 6 || field.number === 11) await readGraph(proto, field, scope, all, false);
    if (field.number === 5 || field.number === 10) await readTensor(proto, field, all);
  });
}

async function readTensor(proto: ProtoFile, tensor: ProtoField, all: Gathering): Promise<ReadWeights> {
  const weights = await readWeights(proto, tensor);
  if (weights.external) all.external.push(weights.external);
  return weights;
}

async function readFunction(proto: ProtoFile, definition: ProtoField, all: Gathering): Promise<void> {
  const scope = new Scope();
  let [name, domain] = ['', ''];
  await proto.walk(definition, async (field) => {
    if (field.number === 1) name = await proto.text(field);
    if (field.number === 10) domain = plainDomain(await proto.text(field));
    if (field.number === 7) await readNode(proto, field, scope, all);
    if (field.number === 9) await readOpset(proto, field, scope);
  });
  all.scopes.push(scope);
  all.functions.add(operatorKey(domain, name));
}

async function readOpset(proto: ProtoFile, opset: ProtoField, scope: Scope): Promise<void> {
  let [domain, version] = ['', 0];
  await proto.walk(opset, async (field) => {
    if (field.number === 1) domain = plainDomain(await proto.text(field));
    if (field.number === 2) version = field.value;
  });
  scope.opsets.set(domain, version);
}
