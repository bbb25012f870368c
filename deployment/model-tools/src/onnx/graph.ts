/** The parts of an ONNX graph that the builder knows; shapes may name a dimension (`N`) instead of giving it. */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

/** A float attribute: a bare number means an integer one. */
export interface FloatAttribute {
  readonly float: number;
}

export type Attribute = number | string | readonly number[] | FloatAttribute;

export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export type TensorValues = Float32Array | BigInt64Array;

/**
 * A constant tensor. `values` is called when the tensor is written and again whenever the graph is written again; its
 * pieces together hold the product of `dims` elements, so no more than one piece need be in memory.
 */
export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: 'float32' | 'int64';
  readonly values: () => Iterable<TensorValues>;
  /** Where the values lie already; they are then not written again. */
  readonly stored?: StoredValues;
}

/** Values in a file beside the graph's own: ONNX calls them external data. */
export interface StoredValues {
  readonly file: string;
  /** Of the first byte. */
  readonly offset: number;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Collects a graph in the order of its computation. Every name may be given once only. */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #initializers: Initializer[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #known = new Set<string>();

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, shape: readonly Dimension[]): string {
    this.#define(name);
    this.#inputs.push({ name, shape });
    return name;
  }

  /** Names a tensor that is already computed as an output of the graph. */
  output(name: string, shape: readonly Dimension[]): void {
    this.#require(name);
    this.#outputs.push({ name, shape });
  }

  /** Weights that come piece by piece, so that a large network is never whole in memory. */
  weights(name: string, dims: readonly number[], values: () => Iterable<Float32Array>): string {
    return this.#initializer({ name, dims, type: 'float32', values });
  }

  floats(name: string, dims: readonly number[], values: Float32Array): string {
    return this.#initializer({ name, dims, type: 'float32', values: () => [values] });
  }

  integers(name: string, values: readonly number[]): string {
    const whole = BigInt64Array.from(values, BigInt);
    return this.#initializer({ name, dims: [values.length], type: 'int64', values: () => [whole] });
  }

  /** Adds an operator and returns the name of its output. */
  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    for (const input of inputs) this.#require(input);
    this.#define(output);
    this.#nodes.push({ operator, inputs, output, attributes });
    return output;
  }

  build(): Graph {
    return {
      name: this.#name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }

  #initializer(initializer: Initializer): string {
    this.#define(initializer.name);
    this.#initializers.push(initializer);
    return initializer.name;
  }

  #define(name: string): void {
    if (this.#known.has(name)) throw new Error(`graph ${this.#name}: the tensor "${name}" is defined twice`);
    this.#known.add(name);
  }

  #require(name: string): void {
    if (!this.#known.has(name))
      throw new Error(`graph ${this.#name}: the tensor "${name}" is used before it is defined`);
  }
}

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Size in bytes of all float32 initializers that are in the graph's own file: nearly all of it. */
export function weightBytes({ initializers }: Graph): number {
  return initializers
    .filter(({ type, stored }) => type === 'float32' && !stored)
    .reduce((sum, { dims }) => sum + 4 * elementCount(dims), 0);
}
