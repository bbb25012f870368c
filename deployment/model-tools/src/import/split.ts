import type { OnnxModel, OnnxNode, OnnxValue } from '@edgeslot/scoring/graph';

/** A model in two: nodes of the featurizer up to the tensor `at`, nodes of the classifier from it on. */
export interface Split {
  readonly at: string;
  readonly input: OnnxValue;
  readonly output: OnnxValue;
  readonly featurizer: readonly OnnxNode[];
  readonly classifier: readonly OnnxNode[];
}

/**
 * Cuts a model at a tensor: the one named, else the input of the last Gemm or MatMul. What does not depend on the
 * picture goes with whoever needs it.
 *
 * Throws Error when there is no such tensor, or when the classifier would need more than it.
 */
export function splitModel(model: OnnxModel, wanted?: string): Split {
  const input = only(model.inputs, 'input');
  const output = only(model.outputs, 'output');
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const at = wanted ?? lastDense(model.nodes, dependents(model.nodes, input.name));
  if (at === output.name || !makers.has(at)) {
    throw new Error(`--split ${at}: expected a tensor between input and output; ${candidates(model.nodes)}`);
  }
  const featurizer = closure(makers, at);
  const classifier = closure(makers, output.name, at);
  if (!featurizer.reads.has(input.name)) throw new Error(`--split ${at}: does not depend on the input ${input.name}`);
  if (!classifier.reads.has(at)) throw new Error(`--split ${at}: the output ${output.name} does not depend on it`);
  if (classifier.reads.has(input.name)) {
    throw new Error(
      `--split ${at}: the output ${output.name} also depends on ${input.name} past it; name a tensor that all paths cross (${candidates(model.nodes)})`,
    );
  }
  const pick = (nodes: ReadonlySet<OnnxNode>) => model.nodes.filter((node) => nodes.has(node));
  return { at, input, output, featurizer: pick(featurizer.nodes), classifier: pick(classifier.nodes) };
}

function only(values: readonly OnnxValue[], what: string): OnnxValue {
  const [value] = values;
  if (value && values.length === 1) return value;
  const found = values.map(({ name }) => name).join(', ') || 'none';
  throw new Error(`${what}s: expected one, found ${found}; export the network with one ${what}`);
}

/** Everything that depends on the picture. */
function dependents(nodes: readonly OnnxNode[], input: string): ReadonlySet<string> {
  const found = new Set([input]);
  for (const node of nodes) {
    if (node.inputs.some((name) => found.has(name))) for (const name of node.outputs) found.add(name);
  }
  return found;
}

function lastDense(nodes: readonly OnnxNode[], dependent: ReadonlySet<string>): string {
  const dense = nodes.findLast(
    ({ operator, inputs }) => ['Gemm', 'MatMul'].includes(operator) && dependent.has(inputs[0] ?? ''),
  );
  if (dense) return dense.inputs[0]!;
  throw new Error(
    `no Gemm or MatMul in it whose input could be the split: name the tensor with --split TENSOR (${candidates(nodes)})`,
  );
}

function closure(makers: ReadonlyMap<string, OnnxNode>, from: string, stop?: string) {
  const nodes = new Set<OnnxNode>();
  const reads = new Set([from]);
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = name === stop ? undefined : makers.get(name);
    if (!node || nodes.has(node)) continue;
    nodes.add(node);
    for (const input of node.inputs) {
      if (!reads.has(input)) open.push(input);
      reads.add(input);
    }
  }
  return { nodes, reads };
}

function candidates(nodes: readonly OnnxNode[]): string {
  const names = nodes.slice(-8, -1).flatMap(({ operator, outputs }) => outputs.map((name) => `${name} (${operator})`));
  return `the last ones are ${names.join(', ') || 'none'}`;
}
