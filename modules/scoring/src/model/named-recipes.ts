import type { Recipe } from './manifest.js';

/** The arguments of `preprocess_array` in Microsoft's accelerated models, with its defaults. */
export interface PreprocessArrayOptions {
  readonly order?: 'RGB' | 'BGR';
  readonly scalingFactor?: number;
  readonly outputHeight?: number;
  readonly outputWidth?: number;
  readonly preserveAspectRatio?: boolean;
}

/** The means of ImageNet on 0..255, as TF-slim has them. */
const SLIM_MEAN = [123.68, 116.779, 103.939] as const;
/** The same as shares of one, as PyTorch's networks have them, and the deviations. */
const TORCH_MEAN = [0.485, 0.456, 0.406] as const;
const TORCH_STD = [0.229, 0.224, 0.225] as const;
const ORIGINAL_SHORT_SIDE = 256;

/**
 * The recipe that `preprocess_array` follows. With the aspect kept it crops a square of the output's height, at most
 * 256, and does not look at the output's width; the recipe says what comes out of it.
 */
export function originalRecipe({
  order = 'RGB',
  scalingFactor = 1,
  outputHeight = 224,
  outputWidth = 224,
  preserveAspectRatio = true,
}: PreprocessArrayOptions = {}): Recipe {
  const crop = Math.min(outputHeight, ORIGINAL_SHORT_SIDE);
  const resize = preserveAspectRatio
    ? ({ mode: 'aspect-crop', shortSide: ORIGINAL_SHORT_SIDE, height: crop, width: crop } as const)
    : ({ mode: 'stretch', height: outputHeight, width: outputWidth } as const);
  const rest = { channels: order, mean: SLIM_MEAN, scale: scalingFactor, layout: 'NHWC' } as const;
  return { resize, interpolation: 'bilinear-legacy', ...rest };
}

const per = <T>(make: (channel: 0 | 1 | 2) => T): [T, T, T] => [make(0), make(1), make(2)];

const torchNumbers = {
  channels: 'RGB',
  mean: per((channel) => TORCH_MEAN[channel] * 255),
  scale: per((channel) => 1 / (255 * TORCH_STD[channel])),
} as const;

const torchvision: Recipe = {
  resize: { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224, rounding: 'torchvision' },
  interpolation: 'bilinear-antialias',
  ...torchNumbers,
  layout: 'NCHW',
};

const keras = {
  resize: { mode: 'stretch', height: 224, width: 224 },
  interpolation: 'bilinear-half-pixel',
  layout: 'NHWC',
} as const;

/**
 * Recipes that are known by name.
 *
 * - `original-…`: `preprocess_array` as the accelerated models call it; ResNet's in both orders, as its documentation
 *   says BGR and its code RGB.
 * - `torchvision`: its classification presets (`Resize(256)`, `CenterCrop(224)`, mean and deviation), and the ONNX model
 *   zoo's; `torchvision-no-antialias` is the same on tensors with `antialias=False`.
 * - `keras-…`: `tf.image.resize` to the network's size, then the modes of `keras.applications.imagenet_utils`: `caffe`
 *   (ResNet, VGG), `torch` (DenseNet), `tf` (-1..1).
 */
export const RECIPES: ReadonlyMap<string, Recipe> = new Map<string, Recipe>([
  ['original-resnet', originalRecipe({ order: 'BGR' })],
  ['original-resnet-rgb', originalRecipe()],
  ['original-vgg', originalRecipe()],
  ['original-densenet', originalRecipe({ scalingFactor: 0.017 })],
  ['original-ssd', originalRecipe({ outputHeight: 300, outputWidth: 300, preserveAspectRatio: false })],
  ['torchvision', torchvision],
  ['torchvision-no-antialias', { ...torchvision, interpolation: 'bilinear-half-pixel' }],
  ['keras-caffe', { ...keras, channels: 'BGR', mean: [123.68, 116.779, 103.939], scale: 1 }],
  ['keras-torch', { ...keras, ...torchNumbers }],
  ['keras-tf', { ...keras, channels: 'RGB', mean: [127.5, 127.5, 127.5], scale: 1 / 127.5 }],
]);
