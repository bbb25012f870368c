import type { PackageDraft } from '../registry/publish.js';
import { RESNET50 } from './resnet50.js';

export const RESNET50_FILES = {
  featurizer: 'featurizer.onnx',
  classifier: 'classifier.onnx',
  labels: 'labels.txt',
} as const;

/** The classifier is imported under this prefix; a second import in one TensorFlow graph is named `classifier_1`. */
const PROBABILITIES = `classifier/${RESNET50.probabilities}`;
const PROBABILITIES_AGAIN = `classifier_1/${RESNET50.probabilities}`;

export interface Resnet50PackageOptions {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly classes: number;
}

/** The manifest of a ResNet-50 package, with the tensor names and the preprocessing of the original model. */
export function resnet50Package({ name, description, tags, classes }: Resnet50PackageOptions): PackageDraft {
  return {
    name,
    description,
    tags,
    network: RESNET50.network,
    numerics: 'float32',
    signature: {
      inputs: { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } },
      outputs: {
        output_alias: { tensor: PROBABILITIES, dtype: 'float', shape: [-1, classes], also: [PROBABILITIES_AGAIN] },
      },
    },
    preprocessing: {
      resize: { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224 },
      interpolation: 'bilinear-legacy',
      channels: 'BGR',
      mean: [123.68, 116.779, 103.939],
      scale: 1,
      layout: 'NHWC',
    },
    postprocessing: { type: 'softmax', labels: RESNET50_FILES.labels },
    featurizer: { file: RESNET50_FILES.featurizer, input: RESNET50.input, outputs: [RESNET50.features] },
    classifier: {
      file: RESNET50_FILES.classifier,
      input: RESNET50.features,
      outputs: [{ name: PROBABILITIES, shape: [-1, classes] }],
    },
  };
}
