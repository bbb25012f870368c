import type { Graph } from '../onnx/graph.js';
import { DENSENET121, densenetCard, densenetFeaturizer } from './densenet121.js';
import type { CardSplit, Network } from './network.js';
import { RESNET50, resnetCard, resnetFeaturizer } from './resnet.js';
import { SSDVGG300, ssdVgg300 } from './ssdvgg300.js';
import { VGG16_BLOCKS } from './vgg.js';
import { VGG16, vgg16Card, vgg16Featurizer } from './vgg16.js';

export interface NarrowNetwork {
  readonly network: Network;
  readonly build: (seed: number) => Graph;
  readonly card?: CardSplit;
}

const RESNET = {
  name: 'resnet50',
  scope: 'resnet_v1_50',
  rootDepth: 16,
  blocks: [3, 4, 6, 3].map((units, index) => ({ depth: 16 << index, units, stride: index < 3 ? 2 : 1 })),
};
const DENSENET = { rootDepth: 32, growth: 8 };
const VGG = {
  blocks: VGG16_BLOCKS.map(({ convolutions, depth }) => ({ convolutions, depth: depth >> 3 })),
  fullDepth: 128,
};

/** The whole depth of each network with fewer channels; the full width is run by the full tests. */
export const NARROW: readonly NarrowNetwork[] = [
  { network: RESNET50, build: (seed) => resnetFeaturizer({ seed, ...RESNET }), card: resnetCard(RESNET) },
  { network: DENSENET121, build: (seed) => densenetFeaturizer({ seed, ...DENSENET }), card: densenetCard(DENSENET) },
  { network: VGG16, build: (seed) => vgg16Featurizer({ seed, ...VGG }), card: vgg16Card(VGG) },
  { network: SSDVGG300, build: (seed) => ssdVgg300({ seed, narrower: 8 }) },
];
