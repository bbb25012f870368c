import { type GraphTensor, originalRecipe } from '@edgeslot/scoring/model';
import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { cardInput, cardTail } from './card.js';
import { type Layers, plainConvolution } from './layers.js';
import type { CardSplit, ClassifierNetwork } from './network.js';
import { halve, POOL_SCALE, VGG16_BLOCKS, type VggBlock, vggBlock } from './vgg.js';

const SCOPE = 'vgg_16';
const INPUT: GraphTensor = { name: 'InputImage:0', shape: [-1, 224, 224, 3] };
const FEATURES = `${SCOPE}/fc7/Relu:0`;
/** Rows and columns of the last pooling's output, and the kernel of fc6. */
const LAST_SIDE = 7;

export const VGG16: ClassifierNetwork = {
  kind: 'classifier',
  name: 'vgg16',
  title: 'VGG-16',
  preprocessing: originalRecipe(),
  input: INPUT,
  features: { name: FEATURES, shape: [-1, 1, 1, 4096] },
  card: vgg16Card(),
  featureScale: 0.6,
  head: { type: 'logits', output: `${SCOPE}/fc8/squeezed:0` },
  featurizer: (seed) => vgg16Featurizer({ seed }),
};

/** Widths may be reduced for tests. */
export interface Vgg16Widths {
  readonly blocks?: readonly VggBlock[];
  readonly fullDepth?: number;
}

export interface Vgg16Options extends Vgg16Widths {
  readonly seed: number;
}

/**
 * The featurizer of VGG-16 (Simonyan and Zisserman 2014, arXiv:1409.1556, column D) as TF-slim's `vgg_16` builds it, the
 * fully connected layers as convolutions: input [N,224,224,3] float32 (pixels minus means), output [N,1,1,4096].
 */
export function vgg16Featurizer({ seed, blocks = VGG16_BLOCKS, fullDepth = 4096 }: Vgg16Options): Graph {
  const graph = new GraphBuilder('vgg16-featurizer');
  const layers: Layers = { graph, seed };
  const image = graph.input('InputImage:0', ['N', 224, 224, 3]);
  let net = graph.node('Transpose', [image], `${SCOPE}/transpose:0`, { perm: [0, 3, 1, 2] });
  let depth = 3;
  for (const [index, block] of blocks.entries()) {
    const number = index + 1;
    net = vggBlock(layers, net, { ...block, scope: SCOPE, number, from: depth });
    net = halve(graph, net, `${SCOPE}/pool${number}`);
    depth = block.depth;
  }
  fullyConnected(layers, net, depth, fullDepth);
  return graph.build();
}

/** A card ends with the last pooling; fc6 and fc7, nine tenths of the weights, are the tail. */
export function vgg16Card({ blocks = VGG16_BLOCKS, fullDepth = 4096 }: Vgg16Widths = {}): CardSplit {
  const { depth } = blocks.at(-1)!;
  const output = { name: `${SCOPE}/pool${blocks.length}/MaxPool:0`, shape: [1, LAST_SIDE, LAST_SIDE, depth] };
  const tail = (seed: number) =>
    cardTail('vgg16-tail', output, (graph, net) => fullyConnected({ graph, seed }, net, depth, fullDepth));
  return { input: cardInput(INPUT), output, tail };
}

/** fc6 and fc7, `depth` channels each, to the graph's output. */
function fullyConnected(layers: Layers, input: string, from: number, depth: number): void {
  const { graph } = layers;
  const fc6 = plainConvolution(layers, input, {
    name: `${SCOPE}/fc6`,
    from,
    to: depth,
    kernel: LAST_SIDE,
    relu: true,
    inputScale: POOL_SCALE,
  });
  const fc7 = plainConvolution(layers, fc6, { name: `${SCOPE}/fc7`, from: depth, to: depth, kernel: 1 });
  const last = graph.node('Transpose', [fc7], `${SCOPE}/fc7/nhwc:0`, { perm: [0, 2, 3, 1] });
  graph.output(graph.node('Relu', [last], FEATURES), ['N', 1, 1, depth]);
}
