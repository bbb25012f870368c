import type { GraphBuilder } from '../onnx/graph.js';
import { type Layers, plainConvolution, samePads } from './layers.js';

/** A group of 3×3 convolutions of one width, as `vgg_16` has five of. */
export interface VggBlock {
  readonly convolutions: number;
  readonly depth: number;
}

export const VGG16_BLOCKS: readonly VggBlock[] = [
  { convolutions: 2, depth: 64 },
  { convolutions: 2, depth: 128 },
  { convolutions: 3, depth: 256 },
  { convolutions: 3, depth: 512 },
  { convolutions: 3, depth: 512 },
];

/** Root mean square of pixels minus the ImageNet means over that of a rectified unit normal. */
const PIXEL_SCALE = 100;
/** How much 2×2 pooling raises the root mean square of untrained activations (measured on photographs and stripes). */
export const POOL_SCALE = 1.25;

export interface VggBlockOptions extends VggBlock {
  readonly scope: string;
  /** From 1. */
  readonly number: number;
  readonly from: number;
}

/** `conv{n}/conv{n}_{i}`; the input is pixels for the first block, what a pooling gives for the others. */
export function vggBlock(layers: Layers, input: string, options: VggBlockOptions): string {
  const { scope, number, convolutions, depth, from } = options;
  let net = input;
  for (let index = 1; index <= convolutions; index++) {
    const first = index === 1;
    net = plainConvolution(layers, net, {
      name: `${scope}/conv${number}/conv${number}_${index}`,
      from: first ? from : depth,
      to: depth,
      kernel: 3,
      pads: samePads(3),
      relu: true,
      inputScale: first ? (number === 1 ? PIXEL_SCALE : POOL_SCALE) : 1,
    });
  }
  return net;
}

/** 2×2 maximum at stride 2; the last row and column of an odd size are dropped (VALID) or padded (SAME). */
export function halve(graph: GraphBuilder, input: string, name: string, padding: 'VALID' | 'SAME' = 'VALID'): string {
  return graph.node('MaxPool', [input], `${name}/MaxPool:0`, {
    kernel_shape: [2, 2],
    strides: [2, 2],
    ceil_mode: padding === 'SAME' ? 1 : 0,
  });
}
