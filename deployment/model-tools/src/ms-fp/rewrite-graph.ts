import { fieldsOf, lengthDelimited, type OnnxModel, text } from '@edgeslot/scoring/graph';
import { activationFunction, DOMAIN, functionName } from './activation-function.js';
import type { MsFpFormat } from './format.js';
import { type NodeText, nodeBytes } from './node-bytes.js';
import type { Product } from './products.js';

export interface RewriteOptions {
  readonly format: MsFpFormat;
  /** Whether what the products read is rounded too, not only their weights. */
  readonly activations: boolean;
}

/** The nodes of a graph as they are to be, NodeProto each, and the functions they call. */
export interface RewrittenNodes {
  readonly nodes: readonly Uint8Array[];
  readonly functions: readonly Uint8Array[];
}

const FLOAT32 = 1;
const FLOAT16 = 10;

/**
 * Puts the card's numbers into a graph: its input and its outputs go through half precision, as the card's interface
 * has it, and products read rounded activations where asked.
 *
 * Throws RangeError when an output is computed by no node of the graph.
 */
export function rewriteNodes(model: OnnxModel, products: readonly Product[], options: RewriteOptions): RewrittenNodes {
  const known = new Set([
    ...model.weights.keys(),
    ...model.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
  ]);
  const fresh = (wanted: string) => {
    let name = wanted;
    while (known.has(name)) name += '_';
    known.add(name);
    return name;
  };
  const through = (from: string, to: string): NodeText[] => {
    const half = fresh(`${from}/half`);
    return [
      { operator: 'Cast', inputs: [from], output: half, attributes: { to: FLOAT16 } },
      { operator: 'Cast', inputs: [half], output: to, attributes: { to: FLOAT32 } },
    ];
  };
  const inputs = new Map(model.inputs.map(({ name }) => [name, fresh(`${name}/from_half`)]));
  const outputs = new Map(model.outputs.map(({ name }) => [name, fresh(`${name}/to_half`)]));
  for (const output of outputs.keys()) {
    if (model.nodes.some((node) => node.outputs.includes(output))) continue;
    throw new RangeError(`output ${output}: expected one that a node of the graph computes`);
  }
  const renamed = (name: string) => inputs.get(name) ?? outputs.get(name) ?? name;

  const functions = new Map<string, Uint8Array>();
  const rounded = new Map<string, string>();
  const nodes: Uint8Array[] = [...inputs].flatMap(([from, to]) => through(from, to)).map(nodeBytes);
  const productOf = new Map(products.map((product) => [product.node, product]));
  for (const node of model.nodes) {
    const product = options.activations ? productOf.get(node) : undefined;
    let activation: string | undefined;
    if (product) {
      const operator = functionName(product.channels);
      if (!functions.has(operator))
        functions.set(operator, activationFunction(product.channels, options.format, model.opset));
      const key = `${operator} ${product.activation}`;
      activation = rounded.get(key);
      if (activation === undefined) {
        activation = fresh(`${product.activation}/${operator}`);
        rounded.set(key, activation);
        nodes.push(nodeBytes({ operator, domain: DOMAIN, inputs: [renamed(product.activation)], output: activation }));
      }
    }
    nodes.push(renameTensors(node.bytes, renamed, activation));
  }
  nodes.push(...[...outputs].flatMap(([to, from]) => through(from, to)).map(nodeBytes));
  return { nodes, functions: [...functions.values()] };
}

/** NodeProto with other names of tensors (1, 2); all its fields are length-delimited. */
function renameTensors(node: Uint8Array, renamed: (name: string) => string, first: string | undefined): Uint8Array {
  let input = 0;
  const fields = [...fieldsOf(node)].map(({ number, bytes }) => {
    if (number !== 1 && number !== 2) return lengthDelimited(number, bytes);
    const name = Buffer.from(bytes).toString();
    if (number === 1 && input++ === 0 && first !== undefined) return text(1, first);
    return text(number, renamed(name));
  });
  return Buffer.concat(fields);
}
