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
  /** Initializers of the graph whose bytes are in its own file. */
  readonly weights: readonly OnnxWeights[];
  /** Weights whose bytes are in another file. */
  readonly external: readonly ExternalWeights[];
}

/** A tensor that a graph holds, and where in the graph's file its bytes are. */
export interface OnnxWeights extends OnnxTensor {
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
}

/** A tensor whose bytes are elsewhere (`external_data` of `onnx.proto`), as the graph writes it: not checked. */
export interface ExternalWeights extends OnnxTensor {
  /** Relative to the graph's own file. */
  readonly location: string;
  /** Decimal numbers of bytes; from the first to the last one of the file when absent. */
  readonly offset?: string;
  readonly length?: string;
}

export interface OnnxTensor {
  readonly name: string;
  /** Name of the element type in ONNX's spelling (`FLOAT`). */
  readonly type: string;
  readonly dims: readonly number[];
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
