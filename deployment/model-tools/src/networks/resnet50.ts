import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { convolution, type Layers } from './layers.js';

export const RESNET50 = {
  network: 'resnet50',
  input: { name: 'InputImage:0', shape: [-1, 224, 224, 3] },
  features: { name: 'resnet_v1_50/pool5:0', shape: [-1, 1, 1, 2048] },
  /** In the classifier's graph, before the importer's prefix. */
  probabilities: 'resnet_v1_50/predictions/Softmax:0',
} as const;

/** One group of bottleneck units; the stride is that of its last unit, as in TF-slim's `resnet_v1_block`. */
export interface Block {
  readonly depth: number;
  readonly units: number;
  readonly stride: number;
}

const SCOPE = 'resnet_v1_50';
const ROOT_DEPTH = 64;
const EXPANSION = 4;
/** Damped residual branches: activations stay level, and untrained features keep more of the picture than noise. */
const BRANCH_GAIN = 0.25;
/** Root mean square of pixels minus the ImageNet means (128 levels at most), the input of the first layer. */
const PIXEL_SCALE = 70;

const BLOCKS: readonly Block[] = [
  { depth: 64, units: 3, stride: 2 },
  { depth: 128, units: 4, stride: 2 },
  { depth: 256, units: 6, stride: 2 },
  { depth: 512, units: 3, stride: 1 },
];

/** Width and depth may be reduced for tests. */
export interface Resnet50Options {
  readonly seed: number;
  readonly blocks?: readonly Block[];
  readonly rootDepth?: number;
}

/**
 * The featurizer of ResNet-50 v1 (He et al. 2015, arXiv:1512.03385) as TF-slim's `resnet_v1_50` builds it: input
 * [N,224,224,3] float32 (pixels minus means), output [N,1,1,2048]; 23.5 million parameters.
 */
export function resnet50Featurizer({ seed, blocks = BLOCKS, rootDepth = ROOT_DEPTH }: Resnet50Options): Graph {
  const graph = new GraphBuilder('resnet50-featurizer');
  const layers: Layers = { graph, seed };
  const image = graph.input(RESNET50.input.name, ['N', 224, 224, 3]);
  let net = graph.node('Transpose', [image], `${SCOPE}/transpose:0`, { perm: [0, 3, 1, 2] });
  net = convolution(layers, net, {
    name: `${SCOPE}/conv1`,
    from: 3,
    to: rootDepth,
    kernel: 7,
    stride: 2,
    relu: true,
    inputScale: PIXEL_SCALE,
  });
  // TensorFlow's SAME for 112 × 112: one column and row after, none before.
  net = graph.node('MaxPool', [net], `${SCOPE}/pool1/MaxPool:0`, {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  });
  let depth = rootDepth;
  for (const [index, block] of blocks.entries()) {
    for (let unit = 1; unit <= block.units; unit++) {
      net = bottleneck(layers, net, {
        name: `${SCOPE}/block${index + 1}/unit_${unit}/bottleneck_v1`,
        from: depth,
        depth: block.depth,
        stride: unit === block.units ? block.stride : 1,
      });
      depth = block.depth * EXPANSION;
    }
  }
  const pooled = graph.node('GlobalAveragePool', [net], `${SCOPE}/pool5/nchw:0`);
  const features = graph.node('Transpose', [pooled], RESNET50.features.name, { perm: [0, 2, 3, 1] });
  graph.output(features, ['N', 1, 1, depth]);
  return graph.build();
}

interface Bottleneck {
  readonly name: string;
  readonly from: number;
  readonly depth: number;
  readonly stride: number;
}

/** 1×1, 3×3, 1×1 beside a shortcut: the input itself, subsampled where the unit has a stride, or a projection. */
function bottleneck(layers: Layers, input: string, { name, from, depth, stride }: Bottleneck): string {
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
    gain: BRANCH_GAIN,
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
