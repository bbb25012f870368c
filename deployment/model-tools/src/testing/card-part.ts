import type { CardSplit } from '../networks/network.js';
import { findNetwork } from '../networks/networks.js';
import type { Graph } from '../onnx/graph.js';
import { writeModel } from '../onnx/write-model.js';

/**
 * The part of a featurizer that a card runs, as a graph of its own: from the picture without a border to the card's
 * output in the order of the layers, [N,channels,rows,columns].
 */
export function cardPart(featurizer: Graph, { output }: Pick<CardSplit, 'output'>): Graph {
  const last = featurizer.nodes.findIndex((node) => node.output === output.name);
  if (last < 0) throw new Error(`${featurizer.name} has no ${output.name}`);
  // Nodes are in the order of the computation.
  const nodes = featurizer.nodes.slice(0, last + 1);
  const reads = new Set(nodes.flatMap(({ inputs }) => inputs));
  const initializers = featurizer.initializers.filter(({ name }) => reads.has(name));
  const [, rows, columns, channels] = output.shape;
  const outputs = [{ name: output.name, shape: ['N', channels!, rows!, columns!] }];
  return { ...featurizer, nodes, initializers, outputs };
}

/** Writes that part of one of the networks, in its full width, with the weights of a seed. */
export async function writeCardPart(name: string, seed: number, file: string): Promise<void> {
  const network = findNetwork(name);
  if (network.kind === 'detector') throw new RangeError(`network: expected one that a card runs, got "${name}"`);
  await writeModel(cardPart(network.featurizer(seed), network.card), file);
}

/** [N,channels,rows,columns] as a card gives it, [N,rows,columns,channels]. */
export function channelsLast(values: Float32Array, [count, channels, rows, columns]: readonly number[]): Float32Array {
  const places = rows! * columns!;
  const turned = new Float32Array(values.length);
  for (let picture = 0; picture < count!; picture++) {
    const start = picture * channels! * places;
    for (let place = 0; place < places; place++) {
      for (let channel = 0; channel < channels!; channel++) {
        turned[start + place * channels! + channel] = values[start + channel * places + place]!;
      }
    }
  }
  return turned;
}
