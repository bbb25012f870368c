import type { GraphSpec, ModelManifest } from './manifest.js';

/** The graph whose outputs are the answer: the classifier, or the featurizer of a package that has none (SSD). */
export function answerGraph({ classifier, featurizer }: Pick<ModelManifest, 'classifier' | 'featurizer'>): GraphSpec {
  return classifier ?? featurizer;
}
