import type { GraphSpec } from '@edgeslot/scoring/model';
import type { Graph } from '../onnx/graph.js';
import { shareWeights } from '../onnx/share-weights.js';
import type { PackageDraft } from '../registry/publish.js';
import type { ClassifierNetwork, DetectorNetwork, Network } from './network.js';

export const PACKAGE_FILES = {
  featurizer: 'featurizer.onnx',
  classifier: 'classifier.onnx',
  tail: 'tail.onnx',
  labels: 'labels.txt',
} as const;

export interface PackageText {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ClassifierPackageText extends PackageText {
  readonly classes: number;
}

export type ClassifierDraft = PackageDraft & { readonly classifier: GraphSpec };

const INPUTS = { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } } as const;

/** The manifest of a network with a classifier, with the tensor names and the preprocessing of the original model. */
export function classifierPackage(network: ClassifierNetwork, text: ClassifierPackageText): ClassifierDraft {
  const { classes, ...texts } = text;
  const { type, output } = network.head;
  const { card } = network;
  // The importer's prefix; a second import in one TensorFlow graph is named `classifier_1`.
  const tensor = `classifier/${output}`;
  const also = [`classifier_1/${output}`];
  const shape = [-1, classes];
  return {
    ...texts,
    ...common(network),
    signature: { inputs: INPUTS, outputs: { output_alias: { tensor, dtype: 'float', shape, also } } },
    postprocessing: { type, labels: PACKAGE_FILES.labels },
    featurizer: { file: PACKAGE_FILES.featurizer, input: network.input, outputs: [network.features] },
    classifier: { file: PACKAGE_FILES.classifier, input: network.features, outputs: [{ name: tensor, shape }] },
    device: { input: card.input, output: card.output, tail: PACKAGE_FILES.tail },
  };
}

/** The graph for the CPU behind a card; its weights are those of the featurizer, in the featurizer's file. */
export function tailGraph({ card }: ClassifierNetwork, seed: number, featurizer: Graph): Graph {
  return shareWeights(card.tail(seed), featurizer, PACKAGE_FILES.featurizer);
}

/** The manifest of a network without a classifier: one alias for each output, its name without `:0`. */
export function detectorPackage(network: DetectorNetwork, text: PackageText): PackageDraft {
  const outputs = network.outputs.map(({ name, shape }) => {
    const signature = { tensor: name, dtype: 'float', shape } as const;
    return [name.replace(/:0$/, ''), signature] as const;
  });
  return {
    ...text,
    ...common(network),
    signature: { inputs: INPUTS, outputs: Object.fromEntries(outputs) },
    postprocessing: { type: 'ssd', labels: PACKAGE_FILES.labels },
    featurizer: { file: PACKAGE_FILES.featurizer, input: network.input, outputs: network.outputs },
  };
}

function common({ name, preprocessing }: Network) {
  return { network: name, numerics: 'float32', preprocessing } as const;
}
