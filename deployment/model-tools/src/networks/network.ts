import type { GraphTensor, Recipe } from '@edgeslot/scoring/model';
import { elementCount, type Graph } from '../onnx/graph.js';

interface Common {
  /** The usual short name, e.g. `resnet50`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly preprocessing: Recipe;
  /** The featurizer's input, float32. */
  readonly input: GraphTensor;
  /** The featurizer's graph with weights of that seed; its tensors are the ones named here. */
  readonly featurizer: (seed: number) => Graph;
}

/** A featurizer that gives one tensor of features, for a classifier to follow. */
export interface ClassifierNetwork extends Common {
  readonly kind: 'classifier';
  readonly features: GraphTensor;
  readonly card: CardSplit;
  /** About the root mean square of the features that seeded weights give. */
  readonly featureScale: number;
  /** The original classifier: whether softmax is in its graph, and its output before the importer's prefix. */
  readonly head: { readonly type: 'softmax' | 'logits'; readonly output: string };
}

/** What an accelerator card takes and gives of a featurizer, and the rest of it, which is for the CPU. */
export interface CardSplit {
  readonly input: GraphTensor;
  readonly output: GraphTensor;
  /** From the card's output to the features; its weights of that seed are the featurizer's. */
  readonly tail: (seed: number) => Graph;
}

/**
 * A network whose featurizer gives the answer: class maps, then location maps. It has no split for a card: no firmware
 * listing of SSD-VGG was ever published, so nobody knows where one would end.
 */
export interface DetectorNetwork extends Common {
  readonly kind: 'detector';
  readonly outputs: readonly GraphTensor[];
  /** The background, number 0, included. */
  readonly classes: number;
}

export type Network = ClassifierNetwork | DetectorNetwork;

/** Learned numbers of a graph: all its weights but the moving statistics of normalisations. */
export function parameterCount({ initializers }: Graph): number {
  return initializers
    .filter(({ name, type }) => type === 'float32' && !name.includes('/moving_'))
    .reduce((sum, { dims }) => sum + elementCount(dims), 0);
}
