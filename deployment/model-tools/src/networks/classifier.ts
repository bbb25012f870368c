import { type Graph, GraphBuilder } from '../onnx/graph.js';

export interface ClassifierOptions {
  /** Tensor that carries the features, [N,1,1,F] or [N,F] float32. */
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  /** Tensor that carries the probabilities or logits, [N,C] float32. */
  readonly output: string;
  /** F × C, row by row. */
  readonly weights: Float32Array;
  /** C. */
  readonly bias: Float32Array;
}

/** A linear classifier with softmax: the graph that follows a featurizer. */
export function softmaxClassifier(options: ClassifierOptions): Graph {
  return linearClassifier('softmax', options);
}

/** A linear classifier that gives probabilities, or logits where the original's graph ends before the softmax. */
export function linearClassifier(
  type: 'softmax' | 'logits',
  { input, output, weights, bias }: ClassifierOptions,
): Graph {
  const classes = bias.length;
  const features = weights.length / classes;
  if (!Number.isInteger(features) || input.shape.at(-1) !== features) {
    throw new RangeError(
      `classifier: expected ${input.shape.at(-1)} × ${classes} weights for [${input.shape}], got ${weights.length}`,
    );
  }
  const scope = output.replace(/\/?[^/]*$/, '') || 'logits';
  const graph = new GraphBuilder('classifier');
  const given = graph.input(
    input.name,
    input.shape.map((size) => (size === -1 ? 'N' : size)),
  );
  const flat = graph.node('Reshape', [given, graph.integers(`${scope}/shape`, [-1, features])], `${scope}/Reshape:0`);
  const logits = graph.node(
    'Gemm',
    [
      flat,
      graph.floats(`${scope}/weights`, [features, classes], weights),
      graph.floats(`${scope}/biases`, [classes], bias),
    ],
    type === 'logits' ? output : `${scope}/BiasAdd:0`,
  );
  if (type === 'softmax') graph.node('Softmax', [logits], output, { axis: 1 });
  graph.output(output, ['N', classes]);
  return graph.build();
}
