import type { GraphBuilder } from '../onnx/graph.js';
import { evenWeights, normalWeights } from '../onnx/random-weights.js';

/** What every layer of one network needs: where to add itself, and the seed of its weights. */
export interface Layers {
  readonly graph: GraphBuilder;
  readonly seed: number;
}

export interface Convolution {
  /** Scope in TensorFlow's manner, e.g. `resnet_v1_50/block1/unit_1/bottleneck_v1/conv1`. */
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride: number;
  readonly relu: boolean;
  /** Mean of the normalisation's scale; below 1 damps a residual branch. */
  readonly gain?: number;
  /** Root mean square of the input; 1 for what earlier layers give. */
  readonly inputScale?: number;
}

/**
 * Convolution without bias, batch normalisation, and ReLU where asked. Padding is that of TF-slim's `conv2d_same`:
 * half the kernel on every side, whatever the stride.
 *
 * Weights are He-normal (He et al. 2015, arXiv:1502.01852): with ReLU between the layers they keep the deviation of
 * activations near 1 through any depth, so the moving statistics can be those of a unit normal.
 */
export function convolution(layers: Layers, input: string, options: Convolution): string {
  const { graph, seed } = layers;
  const { name, from, to, kernel, stride, gain = 1, inputScale = 1 } = options;
  const pad = (kernel - 1) >> 1;
  const fanIn = from * kernel * kernel;
  const weights = graph.weights(`${name}/weights`, [to, from, kernel, kernel], () =>
    normalWeights(seed, `${name}/weights`, to * fanIn, Math.sqrt(2 / fanIn)),
  );
  const convolved = graph.node('Conv', [input, weights], `${name}/Conv2D:0`, {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  });
  const normal = `${name}/BatchNorm`;
  const constant = (value: number) => new Float32Array(to).fill(value);
  const normalized = graph.node(
    'BatchNormalization',
    [
      convolved,
      graph.floats(`${normal}/gamma`, [to], evenWeights(seed, `${normal}/gamma`, to, gain, 0.2 * gain)),
      graph.floats(`${normal}/beta`, [to], evenWeights(seed, `${normal}/beta`, to, 0, 0.2 * gain)),
      graph.floats(`${normal}/moving_mean`, [to], constant(0)),
      graph.floats(`${normal}/moving_variance`, [to], constant(inputScale ** 2)),
    ],
    `${normal}/FusedBatchNorm:0`,
    { epsilon: { float: 1e-5 } },
  );
  return options.relu ? graph.node('Relu', [normalized], `${name}/Relu:0`) : normalized;
}
