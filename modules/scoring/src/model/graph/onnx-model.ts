import type { FileHandle } from 'node:fs/promises';
import { type FileField, fieldsOfFile, type Range, readRange } from './file-fields.js';
import { fieldsOf, textOf } from './wire.js';

/** What splitting needs of an ONNX model (field numbers of onnx/onnx.proto3). Weights stay in the file. */
export interface OnnxModel {
  readonly irVersion: number;
  /** Of the operators without a domain of their own. */
  readonly opset: number;
  /** `opset_import` (8) and `functions` (25) as they stand. */
  readonly imports: readonly Uint8Array[];
  readonly nodes: readonly OnnxNode[];
  readonly weights: ReadonlyMap<string, Weight>;
  /** Those that must be fed; early ONNX lists the weights as inputs too. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** Where a weight lies when it is not in the model's own file, as the model writes it. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  /** To the end of the file when absent. */
  readonly length?: number;
}

/** A TensorProto of the file. */
export interface Weight extends Range {
  /** For one whose values lie in another file: that place, and the tensor's fields without the mention of it. */
  readonly external?: ExternalData & { readonly fields: Uint8Array };
}

export interface OnnxNode {
  readonly operator: string;
  /** What it reads, its subgraphs included; may name tensors of the subgraphs themselves. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** NodeProto as it stands. */
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType; 1 is float32. */
  readonly type: number;
  /** -1 for a size that the graph leaves open; absent when it states no shape. */
  readonly shape?: readonly number[];
}

/** A node holds its attributes, a Constant its value: what is larger than this is no network we can score. */
const LARGEST_NODE = 256 << 20;
const NOTHING = new Uint8Array(0);

export async function readOnnxModel(file: FileHandle): Promise<OnnxModel> {
  const { size } = await file.stat();
  const model = { irVersion: 0, opset: 0, imports: [] as Uint8Array[] };
  let graph: FileField | undefined;
  for await (const field of fieldsOfFile(file, { start: 0, end: size })) {
    if (field.number === 1) model.irVersion = field.value;
    else if (field.number === 7) graph = field;
    else if (field.number === 8 || field.number === 25) {
      model.imports.push(await readRange(file, field));
      if (field.number === 8) model.opset = standardOpset(await readRange(file, contentOf(field))) ?? model.opset;
    }
  }
  if (!graph || model.irVersion === 0) throw new Error('not an ONNX model: it holds no graph');
  return { ...model, ...(await readGraph(file, contentOf(graph))) };
}

function contentOf({ content, end }: FileField): Range {
  return { start: content, end };
}

/** OperatorSetIdProto: domain (1), version (2). */
function standardOpset(bytes: Uint8Array): number | undefined {
  let [domain, version] = ['', 0];
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) domain = textOf(field.bytes);
    else if (field.number === 2) version = field.value;
  }
  return domain === '' || domain === 'ai.onnx' ? version : undefined;
}

async function readGraph(file: FileHandle, range: Range) {
  const nodes: OnnxNode[] = [];
  const weights = new Map<string, Weight>();
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  for await (const field of fieldsOfFile(file, range)) {
    const content = contentOf(field);
    if (field.number === 1) {
      if (content.end - content.start > LARGEST_NODE) throw new Error('a node of the graph is larger than 256 MiB');
      nodes.push(readNode(await readRange(file, content)));
    } else if (field.number === 5) {
      const { name, ...weight } = await readWeight(file, content);
      weights.set(name, weight);
    } else if (field.number === 11) inputs.push(readValue(await readRange(file, content)));
    else if (field.number === 12) outputs.push(readValue(await readRange(file, content)));
    else if (field.number === 15) throw new Error('sparse weights are not supported: export the model with dense ones');
  }
  return { nodes, weights, inputs: inputs.filter(({ name }) => !weights.has(name)), outputs };
}

/** TensorProto: name (8), external_data (13), data_location (14). */
async function readWeight(file: FileHandle, range: Range): Promise<Weight & { readonly name: string }> {
  let [name, isExternal] = ['', false];
  for await (const field of fieldsOfFile(file, range)) {
    if (field.number === 8) name = (await readRange(file, contentOf(field))).toString();
    else if (field.number === 14) isExternal = field.value === 1;
  }
  return { name, ...range, ...(isExternal && { external: await readExternal(file, range, name) }) };
}

async function readExternal(file: FileHandle, range: Range, name: string): Promise<NonNullable<Weight['external']>> {
  const place = new Map<string, string>();
  const fields: Uint8Array[] = [];
  for await (const field of fieldsOfFile(file, range)) {
    if (field.number === 13) {
      // StringStringEntryProto: key (1), value (2).
      const entry = [...fieldsOf(await readRange(file, contentOf(field)))];
      const [key, value] = [1, 2].map((number) => textOf(entry.find((one) => one.number === number)?.bytes ?? NOTHING));
      place.set(key!, value!);
    } else if (field.number !== 14) fields.push(await readRange(file, field));
  }
  const [location, offset, length] = [place.get('location'), Number(place.get('offset') ?? 0), place.get('length')];
  const numbers = length === undefined ? [offset] : [offset, Number(length)];
  if (!location || !numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) {
    throw new Error(
      `the weight ${name} lies in another file, but it does not say where: ${JSON.stringify([...place])}`,
    );
  }
  return { location, offset, ...(length !== undefined && { length: Number(length) }), fields: Buffer.concat(fields) };
}

/** NodeProto: input (1), output (2), op_type (4), attribute (5). */
function readNode(bytes: Uint8Array): OnnxNode {
  const node = { operator: '', inputs: [] as string[], outputs: [] as string[], bytes };
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1 && field.bytes.length > 0) node.inputs.push(textOf(field.bytes));
    else if (field.number === 2 && field.bytes.length > 0) node.outputs.push(textOf(field.bytes));
    else if (field.number === 4) node.operator = textOf(field.bytes);
    else if (field.number === 5) node.inputs.push(...subgraphInputs(field.bytes));
  }
  return node;
}

/** AttributeProto: g (6), graphs (11); what their nodes read may come from outside. */
function subgraphInputs(attribute: Uint8Array): string[] {
  const inputs: string[] = [];
  for (const field of fieldsOf(attribute)) {
    if (field.number !== 6 && field.number !== 11) continue;
    for (const part of fieldsOf(field.bytes)) {
      if (part.number === 1) inputs.push(...readNode(part.bytes).inputs);
      else if (part.number === 12) inputs.push(readValue(part.bytes).name);
    }
  }
  return inputs;
}

/** ValueInfoProto: name (1), type (2) -> tensor_type (1) -> elem_type (1), shape (2) -> dim (1) -> dim_value (1). */
function readValue(bytes: Uint8Array): OnnxValue {
  let name = '';
  let type = 0;
  let shape: number[] | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === 1) name = textOf(field.bytes);
    if (field.number !== 2) continue;
    for (const kind of fieldsOf(field.bytes)) {
      if (kind.number !== 1) continue;
      for (const tensor of fieldsOf(kind.bytes)) {
        if (tensor.number === 1) type = tensor.value;
        else if (tensor.number === 2) shape = [...fieldsOf(tensor.bytes)].map(({ bytes: dim }) => dimension(dim));
      }
    }
  }
  return { name, type, ...(shape && { shape }) };
}

function dimension(bytes: Uint8Array): number {
  for (const field of fieldsOf(bytes)) if (field.number === 1 && field.value > 0) return field.value;
  return -1;
}
