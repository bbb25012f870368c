import type { GraphTensor } from '@edgeslot/scoring/model';
import { type Graph, GraphBuilder } from '../onnx/graph.js';

/** Rows and columns of zeros on every side of the picture that a card takes: 230 × 230 for 224 × 224. */
const BORDER = 3;

/**
 * The card's input: the featurizer's with a border, one picture at a time. Sizes of this and of the outputs are those of
 * the firmware that ONNX Runtime 1.0 names in its BrainSlice execution provider and the tests of it.
 */
export function cardInput({ name, shape: [, height, width, channels] }: GraphTensor): GraphTensor {
  return { name, shape: [1, height! + 2 * BORDER, width! + 2 * BORDER, channels!] };
}

/**
 * The graph behind a card: from its output, [N,rows,columns,channels], to what `end` adds to that as
 * [N,channels,rows,columns], the order of the featurizer's layers.
 */
export function cardTail(name: string, output: GraphTensor, end: (graph: GraphBuilder, net: string) => void): Graph {
  const graph = new GraphBuilder(name);
  const given = graph.input(output.name, ['N', ...output.shape.slice(1)]);
  end(graph, graph.node('Transpose', [given], output.name.replace(/:0$/, '/nchw:0'), { perm: [0, 3, 1, 2] }));
  return graph.build();
}
