import type { GraphTensor } from '../model/manifest.js';
import type { Graph } from './graph.js';

/** By output name. */
export type Features = Readonly<Record<string, { readonly data: Float32Array }>>;

/** What makes a picture's features of its tensor, wherever it computes. */
export interface Featurizer {
  readonly outputs: readonly GraphTensor[];
  /** Pictures that it takes at once: while it computes one, the next can be decoded. */
  readonly depth: number;
  /** The features are the caller's; the picture is left alone. */
  run(picture: Float32Array): Promise<Features>;
  close(): Promise<void>;
}

/** A featurizer that this thread computes itself. */
export function graphFeaturizer(graph: Graph): Featurizer {
  const shape = [1, ...graph.spec.input.shape.slice(1)];
  return {
    outputs: graph.spec.outputs,
    depth: 1,
    run: (picture) => graph.run(shape, picture),
    close: () => graph.close(),
  };
}
