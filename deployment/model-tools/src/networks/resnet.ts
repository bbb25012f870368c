import { type GraphTensor, originalRecipe } from '@edgeslot/scoring/model';
import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { cardInput, cardTail } from './card.js';
import { averageFeatures, convolution, type Layers } from './layers.js';
import type { CardSplit, ClassifierNetwork } from './network.js';

/** One group of bottleneck units; the stride is that of its last unit, as in TF-slim's `resnet_v1_block`. */
export interface Block {
  readonly depth: number;
  readonly units: number;
  readonly stride: number;
}

const ROOT_DEPTH = 64;
const EXPANSION = 4;
/**
 * Damped residual branches, the more of them the more: activations stay level whatever the depth, and untrained features
 * keep more of the picture than noise. The sum over all units of the gain's square is 1.
 */
const branchGain = (blocks: readonly Block[]) => Math.sqrt(1 / blocks.reduce((sum, { units }) => sum + units, 0));
/** Root mean square of pixels minus the ImageNet means (128 levels at most), the input of the first layer. */
const PIXEL_SCALE = 70;

const INPUT: GraphTensor = { name: 'InputImage:0', shape: [-1, 224, 224, 3] };
/** Rows and columns of the last block's output. */
const LAST_SIDE = 7;

export const RESNET50 = resnet('resnet50', 'ResNet-50 v1', 'resnet_v1_50', [3, 4, 6, 3]);
export const RESNET152 = resnet('resnet152', 'ResNet-152 v1', 'resnet_v1_152', [3, 8, 36, 3]);

function resnet(name: string, title: string, scope: string, units: readonly number[]): ClassifierNetwork {
  const blocks = units.map((count, index) => ({ depth: 64 << index, units: count, stride: index < 3 ? 2 : 1 }));
  return {
    kind: 'classifier',
    name,
    title,
    preprocessing: originalRecipe({ order: 'BGR' }),
    input: INPUT,
    features: { name: `${scope}/pool5:0`, shape: [-1, 1, 1, 2048] },
    card: resnetCard({ name, scope, blocks }),
    featureScale: 3,
    head: { type: 'softmax', output: `${scope}/predictions/Softmax:0` },
    featurizer: (seed) => resnetFeaturizer({ name, scope, seed, blocks }),
  };
}

/** Width and depth may be reduced for tests. */
export interface ResnetOptions {
  readonly name: string;
  readonly scope: string;
  readonly seed: number;
  readonly blocks: readonly Block[];
  readonly rootDepth?: number;
}

/**
 * The featurizer of a ResNet v1 with bottlenecks (He et al. 2015, arXiv:1512.03385) as TF-slim's `resnet_v1` builds it:
 * input [N,224,224,3] float32 (pixels minus means), output [N,1,1,4 × depth of the last block].
 */
export function resnetFeaturizer({ name, scope, seed, blocks, rootDepth = ROOT_DEPTH }: ResnetOptions): Graph {
  const graph = new GraphBuilder(`${name}-featurizer`);
  const layers: Layers = { graph, seed };
  const image = graph.input('InputImage:0', ['N', 224, 224, 3]);
  let net = graph.node('Transpose', [image], `${scope}/transpose:0`, { perm: [0, 3, 1, 2] });
  net = convolution(layers, net, {
    name: `${scope}/conv1`,
    from: 3,
    to: rootDepth,
    kernel: 7,
    stride: 2,
    relu: true,
    inputScale: PIXEL_SCALE,
  });
  // TensorFlow's SAME for 112 × 112: one column and row after, none before.
  net = graph.node('MaxPool', [net], `${scope}/pool1/MaxPool:0`, {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  });
  const gain = branchGain(blocks);
  let depth = rootDepth;
  for (const [index, block] of blocks.entries()) {
    for (let unit = 1; unit <= block.units; unit++) {
      net = bottleneck(layers, net, {
        name: `${scope}/block${index + 1}/unit_${unit}/bottleneck_v1`,
        from: depth,
        depth: block.depth,
        stride: unit === block.units ? block.stride : 1,
        gain,
      });
      depth = block.depth * EXPANSION;
    }
  }
  averageFeatures(graph, net, `${scope}/pool5:0`, depth);
  return graph.build();
}

/** A card ends with the last block; the average over its 7 × 7 is the tail. */
export function resnetCard({ name, scope, blocks }: Pick<ResnetOptions, 'name' | 'scope' | 'blocks'>): CardSplit {
  const { depth, units } = blocks.at(-1)!;
  const channels = depth * EXPANSION;
  const output = {
    name: `${scope}/block${blocks.length}/unit_${units}/bottleneck_v1/Relu:0`,
    shape: [1, LAST_SIDE, LAST_SIDE, channels],
  };
  const tail = () =>
    cardTail(`${name}-tail`, output, (graph, net) => averageFeatures(graph, net, `${scope}/pool5:0`, channels));
  return { input: cardInput(INPUT), output, tail };
}

interface Bottleneck {
  readonly name: string;
  readonly from: number;
  readonly depth: number;
  readonly stride: number;
  /** Of the branch beside the shortcut. */
  readonly gain: number;
}

/** 1×1, 3×3, 1×1 beside a shortcut: the input itself, subsampled where the unit has a stride, or a projection. */
function bottleneck(layers: Layers, input: string, { name, from, depth, stride, gain }: Bottleneck): string {
  const { graph } = layers;
  const to = depth * EXPANSION;
  const conv1 = convolution(layers, input, {
    name: `${name}/conv1`,
    from,
    to: depth,
    kernel: 1,
    stride: 1,
    relu: true,
  });
  const conv2 = convolution(layers, conv1, {
    name: `${name}/conv2`,
    from: depth,
    to: depth,
    kernel: 3,
    stride,
    relu: true,
  });
  const branch = convolution(layers, conv2, {
    name: `${name}/conv3`,
    from: depth,
    to,
    kernel: 1,
    stride: 1,
    relu: false,
    gain,
  });
  let shortcut = input;
  if (from !== to) {
    shortcut = convolution(layers, input, { name: `${name}/shortcut`, from, to, kernel: 1, stride, relu: false });
  } else if (stride > 1) {
    shortcut = graph.node('MaxPool', [input], `${name}/shortcut/MaxPool:0`, {
      kernel_shape: [1, 1],
      strides: [stride, stride],
    });
  }
  const sum = graph.node('Add', [shortcut, branch], `${name}/add:0`);
  return graph.node('Relu', [sum], `${name}/Relu:0`);
}
