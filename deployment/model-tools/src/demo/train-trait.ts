import type { SceneFrame } from '@edgeslot/camera/scene';
import type { GraphSpec } from '@edgeslot/scoring/model';
import { accuracy } from '../head/accuracy.js';
import type { Matrix } from '../head/standardize.js';
import { trainHead } from '../head/train-head.js';
import { softmaxClassifier } from '../networks/classifier.js';
import type { Graph } from '../onnx/graph.js';
import { OpenGraph } from '../onnx/run-graph.js';
import { modelBytes } from '../onnx/write-model.js';
import type { Trait } from './traits.js';

export interface TrainedTrait {
  readonly classifier: Graph;
  /** Share of the unseen frames that the finished classifier graph judges right. */
  readonly accuracy: number;
}

export interface LabelledFeatures {
  readonly features: Matrix;
  readonly frames: readonly SceneFrame[];
}

/** Trains a trait's classifier and measures it, as the graph that will be published, on frames it has not seen. */
export async function trainTrait(
  trait: Trait,
  spec: GraphSpec,
  training: LabelledFeatures,
  unseen: LabelledFeatures,
): Promise<TrainedTrait> {
  const classes = trait.classes.length;
  const head = trainHead(training.features, training.frames.map(trait.label), classes);
  const classifier = softmaxClassifier({
    input: spec.input,
    output: spec.outputs[0]!.name,
    weights: head.weights,
    bias: head.bias,
  });
  const graph = await OpenGraph.open(modelBytes(classifier));
  try {
    const { values, rows, columns } = unseen.features;
    const shape = spec.input.shape.map((size, axis) => (axis === 0 ? rows : size));
    if (shape.reduce((product, size) => product * size, 1) !== rows * columns) {
      throw new RangeError(`classifier input: expected [${shape}], got ${rows} rows of ${columns}`);
    }
    const probabilities = await graph.run(values, shape);
    return { classifier, accuracy: accuracy(probabilities, unseen.frames.map(trait.label), classes) };
  } finally {
    await graph.close();
  }
}

/** The first rows of a matrix, or the rest. */
export function rowsOf({ values, columns }: Matrix, from: number, to: number): Matrix {
  return { values: values.subarray(from * columns, to * columns), rows: to - from, columns };
}
