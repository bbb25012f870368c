/**
 * What a model package says of itself: `model.json`, version 1 of its schema.
 *
 * A package is a directory `<base>/<name>/<version>/` (TensorFlow Serving's layout) that holds this manifest, an ONNX
 * featurizer, an ONNX classifier (absent for SSD) and the labels.
 */

/** Element types of the public signature (TensorFlow's names without `DT_`). */
export type SignatureDtype = 'string' | 'float';

/** One named tensor of the public signature; `-1` stands for the batch. */
export interface SignatureTensor {
  /** The TensorFlow tensor name that Microsoft's clients use, e.g. `Placeholder:0`. */
  readonly tensor: string;
  readonly dtype: SignatureDtype;
  readonly shape: readonly number[];
  /** Other spellings that a request may use for this tensor, e.g. `classifier_1/…/Softmax:0`. */
  readonly also?: readonly string[];
}

/** One named tensor of an ONNX graph; `-1` stands for the batch. All are float32. */
export interface GraphTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One ONNX graph of the package: one input, one or more outputs. */
export interface GraphSpec {
  readonly file: string;
  readonly input: GraphTensor;
  readonly outputs: readonly GraphTensor[];
}

/**
 * How neighbouring pixels make a new one. All compute in float32 and round to no whole grey level.
 *
 * - `bilinear-legacy`: TensorFlow 1.x, source = destination × (in / out), no half-pixel centre.
 * - `bilinear-half-pixel`: TensorFlow 2's `tf.image.resize`, ONNX Resize with `half_pixel`, torchvision on tensors
 *   without antialias; two neighbours, however much a picture shrinks.
 * - `bilinear-antialias`: the triangle filter as wide as the shrinking, as `tf.image.resize(antialias=True)` computes
 *   it. Pillow's and torchvision's is the same filter; Pillow rounds to whole grey levels after each axis.
 */
export type Interpolation = 'bilinear-legacy' | 'bilinear-half-pixel' | 'bilinear-antialias';

/**
 * How a decoded picture becomes the featurizer's input tensor: `(pixel - mean) * scale`, per channel, pixels 0..255.
 * Means and scales are always given in R, G, B order, whatever the channel order of the tensor.
 */
export interface Recipe {
  /** `aspect-crop`: short side to `shortSide`, then a central crop of `height` × `width`; `stretch`: straight to it. */
  readonly resize:
    | {
        readonly mode: 'aspect-crop';
        readonly shortSide: number;
        readonly height: number;
        readonly width: number;
        /**
         * `tensorflow` (when absent): a factor in float32, sides and crop offsets truncated, so that a short side may
         * become 255 for 256. `torchvision`: the short side is exact, offsets are rounded, half to even.
         */
        readonly rounding?: 'tensorflow' | 'torchvision';
      }
    | { readonly mode: 'stretch'; readonly height: number; readonly width: number };
  readonly interpolation: Interpolation;
  readonly channels: 'RGB' | 'BGR';
  readonly mean: readonly [red: number, green: number, blue: number];
  /** One factor for all channels, or one for each: `(x / 255 - m) / s` is mean `255 m`, scale `1 / (255 s)`. */
  readonly scale: number | readonly [red: number, green: number, blue: number];
  readonly layout: 'NHWC' | 'NCHW';
}

export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * What the last graph answers: probabilities, logits, or SSD's class and location maps. `labels` names the file with
 * one label a line; for SSD the first is the background.
 */
export interface Postprocessing {
  readonly type: 'softmax' | 'logits' | 'ssd';
  readonly labels: string;
}

/** The tensors of an accelerator card where they are not the featurizer's own; NHWC, the batch is 1 as a rule. */
export interface DeviceSection {
  /** The featurizer's picture with a border of zeros, the same on every side: [1,230,230,3] for 224 × 224. */
  readonly input: GraphTensor;
  readonly output: GraphTensor;
  /**
   * File of an ONNX graph from `output` to the featurizer's output, for the CPU. Its weights may lie in the featurizer's
   * file (ONNX external data), so it is to be loaded by its path.
   */
  readonly tail?: string;
}

/**
 * How the numbers of an `ms-fp` model were rounded: block floating point, a sign and a mantissa for each value, one
 * exponent for a block of them along the input channels.
 */
export interface MsFpDetail {
  /** A published name, e.g. `ms-fp11`, or `custom`. */
  readonly format: string;
  readonly exponentBits: number;
  /** Without the sign. */
  readonly mantissaBits: number;
  readonly block: number;
  /** Whether what convolutions and matrix products read is rounded too, not only their weights. */
  readonly activations: boolean;
}

export interface ModelManifest {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly version: number;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Id of the model this one was made from. */
  readonly parent?: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The networks by their usual short names, e.g. `resnet50`. */
  readonly network: string;
  readonly numerics: 'float32' | 'int8' | 'ms-fp';
  /** Only of `ms-fp` models. */
  readonly numericsDetail?: MsFpDetail;
  /** Keyed by alias: `images`, `output_alias`; one entry for each output, 12 for SSD. */
  readonly signature: {
    readonly inputs: Readonly<Record<string, SignatureTensor>>;
    readonly outputs: Readonly<Record<string, SignatureTensor>>;
  };
  readonly preprocessing: Recipe;
  readonly postprocessing: Postprocessing;
  readonly featurizer: GraphSpec;
  /** Absent when the featurizer's outputs are the answer, as with SSD. */
  readonly classifier?: GraphSpec;
  readonly device?: DeviceSection;
  /** Every file of the package except the manifest itself. */
  readonly files: Readonly<Record<string, FileDigest>>;
  /** sha256 of all of the above, see `sealManifest`; packages of old have none. */
  readonly digest?: string;
}
