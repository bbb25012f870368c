import { lengthDelimited, text, varint } from '@edgeslot/scoring/graph';

/** Nodes and functions in ONNX's bytes (field numbers of onnx/onnx.proto3). */
export interface NodeText {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[] | Constant>>;
}

/** The value of a `Constant`. */
export type Constant =
  | { readonly floats: readonly number[] }
  | { readonly integers: readonly number[]; readonly dims?: readonly number[] };

const ATTRIBUTE = { int: 2, tensor: 4, ints: 7 } as const;
const ELEMENT = { float32: 1, int64: 7 } as const;

/** NodeProto: input (1), output (2), op_type (4), attribute (5), domain (7). */
export function nodeBytes({ operator, inputs, output, domain, attributes = {} }: NodeText): Uint8Array {
  return Buffer.concat([
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => lengthDelimited(5, attribute(name, value))),
    ...(domain === undefined ? [] : [text(7, domain)]),
  ]);
}

/** AttributeProto: name (1), i (3), t (5), ints (8), type (20). */
function attribute(name: string, value: number | readonly number[] | Constant): Uint8Array {
  if (typeof value === 'number') return Buffer.concat([text(1, name), varint(3, value), varint(20, ATTRIBUTE.int)]);
  if ('floats' in value || 'integers' in value) {
    return Buffer.concat([text(1, name), lengthDelimited(5, tensor(value)), varint(20, ATTRIBUTE.tensor)]);
  }
  return Buffer.concat([text(1, name), ...value.map((item) => varint(8, item)), varint(20, ATTRIBUTE.ints)]);
}

/** TensorProto: dims (1), data_type (2), raw_data (9). A single float is a scalar. */
function tensor(value: Constant): Uint8Array {
  if ('floats' in value) {
    const raw = Float32Array.from(value.floats);
    const dims = raw.length === 1 ? [] : [varint(1, raw.length)];
    return Buffer.concat([...dims, varint(2, ELEMENT.float32), lengthDelimited(9, new Uint8Array(raw.buffer))]);
  }
  const raw = BigInt64Array.from(value.integers, BigInt);
  return Buffer.concat([
    varint(1, raw.length),
    varint(2, ELEMENT.int64),
    lengthDelimited(9, new Uint8Array(raw.buffer)),
  ]);
}

/** OperatorSetIdProto: domain (1), version (2). */
export function operatorSet(domain: string, version: number): Uint8Array {
  return Buffer.concat([text(1, domain), varint(2, version)]);
}

/** FunctionProto: name (1), input (4), output (5), node (7), opset_import (9), domain (10). */
export function functionBytes(options: {
  readonly name: string;
  readonly domain: string;
  readonly input: string;
  readonly output: string;
  readonly nodes: readonly NodeText[];
  readonly opset: number;
}): Uint8Array {
  return Buffer.concat([
    text(1, options.name),
    text(4, options.input),
    text(5, options.output),
    ...options.nodes.map((node) => lengthDelimited(7, nodeBytes(node))),
    lengthDelimited(9, operatorSet('', options.opset)),
    text(10, options.domain),
  ]);
}
