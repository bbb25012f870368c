import type { OnnxNode } from '@edgeslot/scoring/graph';

const PROBABILITIES = ['Softmax', 'Sigmoid'];
/** Exporters put these after the last operator that counts. */
const SAME_VALUES = ['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

/** Whether what a classifier answers are probabilities already. Its nodes are in the order in which they run. */
export function answerKind(nodes: readonly OnnxNode[], output: string): 'softmax' | 'logits' {
  let name: string | undefined = output;
  for (const { operator, inputs, outputs } of nodes.toReversed()) {
    if (name === undefined || !outputs.includes(name)) continue;
    if (!SAME_VALUES.includes(operator)) return PROBABILITIES.includes(operator) ? 'softmax' : 'logits';
    name = inputs[0];
  }
  return 'logits';
}
