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
 * How a decoded picture becomes the featurizer's input tensor: `(pixel - mean) * scale`, per channel.
 * Means are always given in R, G, B order, whatever the channel order of the tensor.
 */
export interface Recipe {
  /** `aspect-crop`: short side to `shortSide`, then a central crop of `height` × `width`; `stretch`: straight to it. */
  readonly resize:
    | { readonly mode: 'aspect-crop'; readonly shortSide: number; readonly height: number; readonly width: number }
    | { readonly mode: 'stretch'; readonly height: number; readonly width: number };
  /** TensorFlow 1.x bilinear sampling: source = destination × (in / out), no half-pixel centre. */
  readonly interpolation: 'bilinear-legacy';
  readonly channels: 'RGB' | 'BGR';
  readonly mean: readonly [number, number, number];
  readonly scale: number;
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
