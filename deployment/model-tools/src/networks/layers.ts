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
  const normalized = batchNorm(layers, convolved, {
    name: `${name}/BatchNorm`,
    channels: to,
    gain,
    inputScale,
    epsilon: 1e-5,
  });
  return options.relu ? graph.node('Relu', [normalized], `${name}/Relu:0`) : normalized;
}

export interface BatchNorm {
  readonly name: string;
  readonly channels: number;
  readonly gain?: number;
  readonly inputScale?: number;
  readonly epsilon: number;
}

/** Batch normalisation with moving statistics of mean 0 and deviation `inputScale`; every channel a little different. */
export function batchNorm({ graph, seed }: Layers, input: string, options: BatchNorm): string {
  const { name, channels, gain = 1, inputScale = 1, epsilon } = options;
  const constant = (value: number) => new Float32Array(channels).fill(value);
  return graph.node(
    'BatchNormalization',
    [
      input,
      graph.floats(`${name}/gamma`, [channels], evenWeights(seed, `${name}/gamma`, channels, gain, 0.2 * gain)),
      graph.floats(`${name}/beta`, [channels], evenWeights(seed, `${name}/beta`, channels, 0, 0.2 * gain)),
      graph.floats(`${name}/moving_mean`, [channels], constant(0)),
      graph.floats(`${name}/moving_variance`, [channels], constant(inputScale ** 2)),
    ],
    `${name}/FusedBatchNorm:0`,
    { epsilon: { float: epsilon } },
  );
}

export interface PlainConvolution {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly dilation?: number;
  /** Rows above, columns left, rows below, columns right; none by default. */
  readonly pads?: readonly [number, number, number, number];
  /** False for networks that normalise afterwards. */
  readonly bias?: boolean;
  readonly relu?: boolean;
  /** Root mean square of the input over that of a rectified unit normal (√½). */
  readonly inputScale?: number;
}

/** A convolution with He-normal weights and, unless told otherwise, a small bias: no normalisation. */
export function plainConvolution({ graph, seed }: Layers, input: string, options: PlainConvolution): string {
  const { name, from, to, kernel, stride = 1, dilation = 1, pads = [0, 0, 0, 0], inputScale = 1 } = options;
  const fanIn = from * kernel * kernel;
  const inputs = [
    input,
    graph.weights(`${name}/weights`, [to, from, kernel, kernel], () =>
      normalWeights(seed, `${name}/weights`, to * fanIn, Math.sqrt(2 / fanIn) / inputScale),
    ),
  ];
  if (options.bias ?? true) {
    inputs.push(graph.floats(`${name}/biases`, [to], evenWeights(seed, `${name}/biases`, to, 0, 0.2)));
  }
  const convolved = graph.node('Conv', inputs, `${name}/BiasAdd:0`, {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads,
  });
  return options.relu ? graph.node('Relu', [convolved], `${name}/Relu:0`) : convolved;
}

/** The mean of each channel as the graph's output, [N,1,1,channels]. */
export function averageFeatures(graph: GraphBuilder, input: string, name: string, channels: number): void {
  const pooled = graph.node('GlobalAveragePool', [input], name.replace(/(\/Mean)?:0$/, '/nchw:0'));
  graph.output(graph.node('Transpose', [pooled], name, { perm: [0, 2, 3, 1] }), ['N', 1, 1, channels]);
}

/** Zeros on every side that keep the size of a picture under a convolution of stride 1. */
export function samePads(kernel: number, dilation = 1): [number, number, number, number] {
  const pad = (dilation * (kernel - 1)) >> 1;
  return [pad, pad, pad, pad];
}
