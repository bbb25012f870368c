import { type GraphTensor, originalRecipe } from '@edgeslot/scoring/model';
import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { cardInput, cardTail } from './card.js';
import { averageFeatures, batchNorm, type Layers, plainConvolution, samePads } from './layers.js';
import type { CardSplit, ClassifierNetwork } from './network.js';

const SCOPE = 'densenet121';
const EPSILON = 1.1e-5;
const BOTTLENECK = 4;
/** Root mean square of the input over that of a rectified unit normal: pixels minus means, times 0.017. */
const PIXEL_SCALE = 1.7;

const INPUT: GraphTensor = { name: 'InputImage:0', shape: [-1, 224, 224, 3] };
const FEATURES = `${SCOPE}/final_block/global_avg_pool/Mean:0`;
/** Rows and columns of the last dense block. */
const LAST_SIDE = 7;

const BLOCKS = [6, 12, 24, 16];
const ROOT_DEPTH = 64;
const GROWTH = 32;

export const DENSENET121: ClassifierNetwork = {
  kind: 'classifier',
  name: 'densenet121',
  title: 'DenseNet-121',
  preprocessing: originalRecipe({ scalingFactor: 0.017 }),
  input: INPUT,
  features: { name: FEATURES, shape: [-1, 1, 1, 1024] },
  card: densenetCard(),
  featureScale: 0.8,
  head: { type: 'softmax', output: `${SCOPE}/predictions/Softmax:0` },
  featurizer: (seed) => densenetFeaturizer({ seed }),
};

/** Width and depth may be reduced for tests. */
export interface DensenetWidths {
  /** Convolution blocks of each dense block. */
  readonly blocks?: readonly number[];
  readonly rootDepth?: number;
  /** Channels that each convolution block adds. */
  readonly growth?: number;
}

export interface DensenetOptions extends DensenetWidths {
  readonly seed: number;
}

/**
 * The featurizer of DenseNet-121 (Huang et al. 2016, arXiv:1608.06993) with the layers and scopes of its TF-slim form:
 * input [N,224,224,3] float32 (pixels minus means, times 0.017), output [N,1,1,1024].
 */
export function densenetFeaturizer(options: DensenetOptions): Graph {
  const { seed, blocks = BLOCKS, rootDepth = ROOT_DEPTH, growth = GROWTH } = options;
  const graph = new GraphBuilder('densenet121-featurizer');
  const layers: Layers = { graph, seed };
  const image = graph.input('InputImage:0', ['N', 224, 224, 3]);
  let net = graph.node('Transpose', [image], `${SCOPE}/transpose:0`, { perm: [0, 3, 1, 2] });
  // TensorFlow's SAME at stride 2 pads more after than before.
  net = plainConvolution(layers, net, {
    name: `${SCOPE}/conv1`,
    from: 3,
    to: rootDepth,
    kernel: 7,
    stride: 2,
    pads: [2, 2, 3, 3],
    bias: false,
    inputScale: PIXEL_SCALE,
  });
  net = normRelu(layers, net, `${SCOPE}/conv1`, rootDepth);
  net = graph.node('MaxPool', [net], `${SCOPE}/MaxPool2D/MaxPool:0`, {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  });
  let depth = rootDepth;
  for (const [index, count] of blocks.entries()) {
    for (let branch = 1; branch <= count; branch++) {
      net = convBlock(layers, net, `${SCOPE}/dense_block${index + 1}/conv_block${branch}`, depth, growth);
      depth += growth;
    }
    if (index === blocks.length - 1) break;
    net = transition(layers, net, `${SCOPE}/transition_block${index + 1}`, depth);
    depth >>= 1;
  }
  net = normRelu(layers, net, `${SCOPE}/final_block`, depth);
  averageFeatures(graph, net, FEATURES, depth);
  return graph.build();
}

/**
 * A card ends with the last normalisation and its ReLU; the average over its 7 × 7 is the tail. That it ends there is
 * inferred from the other networks: the listing of this firmware's output is not public.
 */
export function densenetCard({
  blocks = BLOCKS,
  rootDepth = ROOT_DEPTH,
  growth = GROWTH,
}: DensenetWidths = {}): CardSplit {
  // A transition, before every block but the first, halves the channels so far.
  const depth = blocks.reduce((sum, count, index) => (index === 0 ? sum : sum >> 1) + count * growth, rootDepth);
  const output = { name: `${SCOPE}/final_block/BatchNorm/Relu:0`, shape: [1, LAST_SIDE, LAST_SIDE, depth] };
  const tail = () => cardTail('densenet121-tail', output, (graph, net) => averageFeatures(graph, net, FEATURES, depth));
  return { input: cardInput(INPUT), output, tail };
}

/** 1×1 and 3×3, each after normalisation and ReLU; what they give is appended to their input. */
function convBlock(layers: Layers, input: string, name: string, depth: number, growth: number): string {
  const middle = BOTTLENECK * growth;
  let net = normRelu(layers, input, `${name}/x1`, depth);
  net = plainConvolution(layers, net, { name: `${name}/x1`, from: depth, to: middle, kernel: 1, bias: false });
  net = normRelu(layers, net, `${name}/x2`, middle);
  net = plainConvolution(layers, net, {
    name: `${name}/x2`,
    from: middle,
    to: growth,
    kernel: 3,
    pads: samePads(3),
    bias: false,
  });
  return layers.graph.node('Concat', [input, net], `${name}/concat:0`, { axis: 1 });
}

/** Half the channels, half the size. */
function transition(layers: Layers, input: string, name: string, depth: number): string {
  let net = normRelu(layers, input, `${name}/blk`, depth);
  net = plainConvolution(layers, net, { name: `${name}/blk`, from: depth, to: depth >> 1, kernel: 1, bias: false });
  return layers.graph.node('AveragePool', [net], `${name}/AvgPool2D/AvgPool:0`, {
    kernel_shape: [2, 2],
    strides: [2, 2],
  });
}

function normRelu(layers: Layers, input: string, name: string, channels: number): string {
  const normalized = batchNorm(layers, input, { name: `${name}/BatchNorm`, channels, epsilon: EPSILON });
  return layers.graph.node('Relu', [normalized], `${name}/BatchNorm/Relu:0`);
}
