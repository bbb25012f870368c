/** What a graph says of itself, without its weights. */
export interface OnnxHeader {
  readonly irVersion: number;
  /** Inputs that a caller feeds: those with an initializer are left out. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The graph, then each function that the model defines for itself. */
  readonly scopes: readonly OnnxScope[];
  /** Domain and name of these functions, as `operatorKey` writes them. */
  readonly functions: ReadonlySet<string>;
  /** Files that hold weights outside the graph's own, as the graph writes them. */
  readonly externalFiles: readonly string[];
}

export interface OnnxValue {
  readonly name: string;
  /** Name of the element type in ONNX's spelling (`FLOAT`), or of another kind of value (`sequence`). */
  readonly type: string;
  /** Sizes; a name or `?` where the size is open. Absent where the graph states no shape. */
  readonly shape?: readonly (number | string)[];
}

/** Nodes that share their operator sets. */
export interface OnnxScope {
  /** Version by domain; ONNX's own is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  /** By domain and name, the first node of each. */
  readonly operators: ReadonlyMap<string, OnnxOperator>;
}

export interface OnnxOperator {
  readonly domain: string;
  readonly type: string;
  readonly node: string;
}

export function operatorKey(domain: string, type: string): string {
  return `${domain}:${type}`;
}

/** ONNX's own domain has two names. */
export function plainDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
