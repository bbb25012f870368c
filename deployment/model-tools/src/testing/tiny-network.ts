import { GraphBuilder } from '../onnx/graph.js';
import { modelBytes } from '../onnx/write-model.js';

export interface TinyNetworkOptions {
  readonly layout?: 'NCHW' | 'NHWC';
  readonly opset?: number;
  readonly softmax?: boolean;
  /** Of the input; `N` leaves it open. */
  readonly batch?: number | 'N';
  /** Side of the picture; a name leaves it open. */
  readonly side?: number | string;
}

export const TINY_FEATURES = 16;
export const TINY_CLASSES = 3;

/** A whole network as other tools export it, in ONNX's bytes: convolution, pool, flatten, Gemm, softmax. */
export function tinyNetwork(options: TinyNetworkOptions = {}): Buffer {
  const { layout = 'NCHW', opset = 17, softmax = true, batch = 1, side = 32 } = options;
  const graph = new GraphBuilder('whole');
  const nhwc = layout === 'NHWC';
  const input = graph.input('data', nhwc ? [batch, side, side, 3] : [batch, 3, side, side]);
  const picture = nhwc ? graph.node('Transpose', [input], 'nchw', { perm: [0, 3, 1, 2] }) : input;
  const kernel = graph.floats('conv/weights', [TINY_FEATURES, 3, 3, 3], wave(TINY_FEATURES * 27, 1));
  const convolved = graph.node('Conv', [picture, kernel], 'conv', {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });
  const pooled = graph.node('GlobalAveragePool', [graph.node('Relu', [convolved], 'relu')], 'pool');
  const flat = graph.node('Flatten', [pooled], 'flat', { axis: 1 });
  const weights = graph.floats('dense/weights', [TINY_FEATURES, TINY_CLASSES], wave(TINY_FEATURES * TINY_CLASSES, 2));
  const bias = graph.floats('dense/bias', [TINY_CLASSES], wave(TINY_CLASSES, 3));
  const logits = graph.node('Gemm', [flat, weights, bias], 'logits');
  const output = softmax ? graph.node('Softmax', [logits], 'prob', { axis: 1 }) : logits;
  graph.output(output, [batch, TINY_CLASSES]);
  return withOpset(modelBytes(graph.build()), opset);
}

function wave(count: number, phase: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => 0.3 * Math.sin(index * 12.9898 + phase));
}

/** `opset_import` (field 8) with a version (field 2) of one byte. */
function withOpset(model: Buffer, opset: number): Buffer {
  const at = model.indexOf(Buffer.from([0x42, 2, 0x10]));
  if (at < 0 || opset > 127) throw new Error('no opset to change');
  model[at + 3] = opset;
  return model;
}
