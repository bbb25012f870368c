import { type GraphTensor, originalRecipe } from '@edgeslot/scoring/model';
import { type Graph, GraphBuilder } from '../onnx/graph.js';
import { type Layers, plainConvolution, samePads } from './layers.js';
import type { DetectorNetwork } from './network.js';
import { halve, POOL_SCALE, VGG16_BLOCKS, vggBlock } from './vgg.js';

const SCOPE = 'ssd_300_vgg';
/** PASCAL VOC's 20 and the background. */
const CLASSES = 21;
const COORDINATES = 4;
/** The scale that the normalised activations of block 4 begin training with (Liu et al. 2015, arXiv:1506.04579). */
const NORMALIZED_SCALE = 20;

/** A map that boxes are read from: `size` × `size` cells of `anchors` boxes. */
const MAPS = [
  { block: 'block4', size: 37, anchors: 4 },
  { block: 'block7', size: 19, anchors: 6 },
  { block: 'block8', size: 10, anchors: 6 },
  { block: 'block9', size: 5, anchors: 6 },
  { block: 'block10', size: 3, anchors: 4 },
  { block: 'block11', size: 1, anchors: 4 },
] as const;
type Block = (typeof MAPS)[number]['block'];

export const SSDVGG300: DetectorNetwork = {
  kind: 'detector',
  name: 'ssdvgg300',
  title: 'SSD-VGG-300',
  preprocessing: originalRecipe({ outputHeight: 300, outputWidth: 300, preserveAspectRatio: false }),
  input: { name: 'InputImage:0', shape: [-1, 300, 300, 3] },
  outputs: [...mapsOf('Reshape_1', CLASSES), ...mapsOf('Reshape', COORDINATES)],
  classes: CLASSES,
  featurizer: (seed) => ssdVgg300({ seed }),
};

function mapsOf(operation: string, numbers: number): GraphTensor[] {
  return MAPS.map(({ block, size, anchors }) => ({
    name: `${SCOPE}/${block}_box/${operation}:0`,
    shape: [-1, size, size, anchors, numbers],
  }));
}

/** Width may be reduced for tests: every depth is divided. */
export interface SsdVgg300Options {
  readonly seed: number;
  readonly narrower?: number;
}

/**
 * SSD (Liu et al. 2015, arXiv:1512.02325) on VGG-16 for 300 × 300 pixels, with the scopes of its TF-slim form and a
 * first map of 37 × 37, because the third pooling drops the odd row: input [N,300,300,3] float32 (pixels minus means),
 * outputs per map class scores before softmax [N,n,n,A,21] and box offsets cx, cy, w, h [N,n,n,A,4].
 */
export function ssdVgg300({ seed, narrower = 1 }: SsdVgg300Options): Graph {
  const graph = new GraphBuilder('ssdvgg300');
  const layers: Layers = { graph, seed };
  const wide = (depth: number) => Math.ceil(depth / narrower);
  const image = graph.input('InputImage:0', ['N', 300, 300, 3]);
  let net = graph.node('Transpose', [image], `${SCOPE}/transpose:0`, { perm: [0, 3, 1, 2] });
  let depth = 3;
  const maps = new Map<Block, { tensor: string; depth: number }>();
  for (const [index, block] of VGG16_BLOCKS.entries()) {
    const number = index + 1;
    net = vggBlock(layers, net, { ...block, depth: wide(block.depth), scope: SCOPE, number, from: depth });
    depth = wide(block.depth);
    if (number === 4) maps.set('block4', { tensor: normalized(graph, net, depth), depth });
    if (number < 5) net = halve(graph, net, `${SCOPE}/pool${number}`, number === 4 ? 'SAME' : 'VALID');
  }
  net = graph.node('MaxPool', [net], `${SCOPE}/pool5/MaxPool:0`, {
    kernel_shape: [3, 3],
    strides: [1, 1],
    pads: samePads(3),
  });
  net = plainConvolution(layers, net, {
    name: `${SCOPE}/conv6`,
    from: depth,
    to: wide(1024),
    kernel: 3,
    dilation: 6,
    pads: samePads(3, 6),
    relu: true,
    inputScale: POOL_SCALE,
  });
  depth = wide(1024);
  net = plainConvolution(layers, net, { name: `${SCOPE}/conv7`, from: depth, to: depth, kernel: 1, relu: true });
  maps.set('block7', { tensor: net, depth });

  const shrink = (block: Block, middle: number, to: number, stride: 1 | 2) => {
    const name = `${SCOPE}/${block}`;
    const relu = true;
    net = plainConvolution(layers, net, { name: `${name}/conv1x1`, from: depth, to: wide(middle), kernel: 1, relu });
    net = plainConvolution(layers, net, {
      name: `${name}/conv3x3`,
      from: wide(middle),
      to: wide(to),
      kernel: 3,
      stride,
      pads: stride === 2 ? [1, 1, 1, 1] : [0, 0, 0, 0],
      relu,
    });
    depth = wide(to);
    maps.set(block, { tensor: net, depth });
  };
  shrink('block8', 256, 512, 2);
  shrink('block9', 128, 256, 2);
  shrink('block10', 128, 256, 1);
  shrink('block11', 128, 256, 1);
  for (const map of MAPS) boxes(layers, map, maps.get(map.block)!);
  for (const { name, shape } of SSDVGG300.outputs) graph.output(name, ['N', ...shape.slice(1)]);
  return graph.build();
}

/** Each cell's channels at length 1, times a learned scale: block 4 is much louder than the maps behind it. */
function normalized(graph: GraphBuilder, input: string, depth: number): string {
  const name = `${SCOPE}/block4_box/L2Normalization`;
  const gamma = graph.floats(`${name}/gamma`, [depth, 1, 1], new Float32Array(depth).fill(NORMALIZED_SCALE));
  const unit = graph.node('LpNormalization', [input], `${name}/unit:0`, { axis: 1, p: 2 });
  return graph.node('Mul', [unit, gamma], `${name}/Mul:0`);
}

function boxes(
  layers: Layers,
  { block, size, anchors }: (typeof MAPS)[number],
  from: { tensor: string; depth: number },
): void {
  const { graph } = layers;
  const name = `${SCOPE}/${block}_box`;
  const read = (convolution: string, reshape: string, numbers: number) => {
    const map = plainConvolution(layers, from.tensor, {
      name: `${name}/${convolution}`,
      from: from.depth,
      to: anchors * numbers,
      kernel: 3,
      pads: samePads(3),
    });
    const last = graph.node('Transpose', [map], `${name}/${convolution}/nhwc:0`, { perm: [0, 2, 3, 1] });
    const shape = graph.integers(`${name}/${reshape}/shape`, [-1, size, size, anchors, numbers]);
    graph.node('Reshape', [last, shape], `${name}/${reshape}:0`);
  };
  read('conv_loc', 'Reshape', COORDINATES);
  read('conv_cls', 'Reshape_1', CLASSES);
}
