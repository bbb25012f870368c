import { originalRecipe } from '@edgeslot/scoring/model';
import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { type Layers, plainConvolution } from './layers.js';
import type { ClassifierNetwork } from './network.js';
import { halve, POOL_SCALE, VGG16_BLOCKS, type VggBlock, vggBlock } from './vgg.js';

const SCOPE = 'vgg_16';

export const VGG16: ClassifierNetwork = {
  kind: 'classifier',
  name: 'vgg16',
  title: 'VGG-16',
  preprocessing: originalRecipe(),
  input: { name: 'InputImage:0', shape: [-1, 224, 224, 3] },
  features: { name: `${SCOPE}/fc7/Relu:0`, shape: [-1, 1, 1, 4096] },
  featureScale: 0.6,
  head: { type: 'logits', output: `${SCOPE}/fc8/squeezed:0` },
  featurizer: (seed) => vgg16Featurizer({ seed }),
};

/** Widths may be reduced for tests. */
export interface Vgg16Options {
  readonly seed: number;
  readonly blocks?: readonly VggBlock[];
  readonly fullDepth?: number;
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
  net = plainConvolution(layers, net, {
    name: `${SCOPE}/fc6`,
    from: depth,
    to: fullDepth,
    kernel: 7,
    relu: true,
    inputScale: POOL_SCALE,
  });
  net = plainConvolution(layers, net, { name: `${SCOPE}/fc7`, from: fullDepth, to: fullDepth, kernel: 1 });
  net = graph.node('Transpose', [net], `${SCOPE}/fc7/nhwc:0`, { perm: [0, 2, 3, 1] });
  graph.output(graph.node('Relu', [net], VGG16.features.name), ['N', 1, 1, fullDepth]);
  return graph.build();
}
