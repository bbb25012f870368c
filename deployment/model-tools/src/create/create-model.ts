import { join } from 'node:path';
import type { FileDigest, ModelManifest } from '@edgeslot/scoring/model';
import type { Network } from '../networks/network.js';
import { parameterCount } from '../networks/network.js';
import { classifierPackage, detectorPackage, PACKAGE_FILES, tailGraph } from '../networks/network-package.js';
import { findNetwork } from '../networks/networks.js';
import { seededClassifier } from '../networks/seeded-classifier.js';
import { type Graph, weightBytes } from '../onnx/graph.js';
import { writeModel } from '../onnx/write-model.js';
import { writeDurably } from '../registry/durable.js';
import { checkModelName } from '../registry/layout.js';
import { type PackageDraft, publishPackage } from '../registry/publish.js';
import { openRegistry, openStaging, removeStaging, stagingOwner } from '../registry/staging.js';
import { placeholderLabels } from './placeholder-labels.js';

export interface CreateProgress {
  /** Bytes of weights written, of all there will be. */
  readonly done: number;
  readonly total: number;
}

export interface CreateModelOptions {
  /** The models directory; made when absent. */
  readonly modelsDir: string;
  /** `resnet50`, `resnet152`, `densenet121`, `vgg16` or `ssdvgg300`. */
  readonly network: string;
  /** Decides every weight: the same seed gives the same bytes. Default 1. */
  readonly seed?: number;
  /** Name of the model; that of the network by default. */
  readonly name?: string;
  readonly onProgress?: (progress: CreateProgress) => void;
  readonly signal?: AbortSignal;
}

/** As the original classifiers, which know ImageNet's. */
const CLASSES = 1000;

/**
 * Makes a package of a network with seeded weights and registers it as the next version of its model. Weights are
 * written as they are made, so that no network is ever whole in memory.
 *
 * Throws RangeError for an unknown network, a bad name or seed, and the signal's reason when aborted. Nothing
 * half-made stays.
 */
export async function createModel(options: CreateModelOptions): Promise<ModelManifest> {
  const { modelsDir, seed = 1, onProgress, signal } = options;
  const network = findNetwork(options.network);
  const name = options.name ?? network.name;
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed: expected a whole number, got ${seed}`);
  checkModelName(name);
  signal?.throwIfAborted();
  const { draft, graphs, classes } = design(network, name, seed);

  await openRegistry(modelsDir);
  const owner = stagingOwner();
  try {
    const staging = await openStaging(modelsDir, owner);
    const total = Object.values(graphs).reduce((sum, graph) => sum + weightBytes(graph), 0);
    const digests: Record<string, FileDigest> = {};
    let before = 0;
    for (const [file, graph] of Object.entries(graphs)) {
      const weights = weightBytes(graph);
      const report = (bytes: number) => onProgress?.({ done: before + Math.min(bytes, weights), total });
      digests[file] = await writeModel(graph, join(staging, file), { ...(signal && { signal }), onProgress: report });
      before += weights;
    }
    await writeDurably(join(staging, PACKAGE_FILES.labels), placeholderLabels(network, classes));
    return await publishPackage(modelsDir, staging, draft, { digests, ...(signal && { signal }) });
  } finally {
    await removeStaging(modelsDir, owner);
  }
}

interface Design {
  readonly draft: PackageDraft;
  /** By file. */
  readonly graphs: Readonly<Record<string, Graph>>;
  readonly classes: number;
}

function design(network: Network, name: string, seed: number): Design {
  const featurizer = network.featurizer(seed);
  const graphs: Record<string, Graph> = { [PACKAGE_FILES.featurizer]: featurizer };
  if (network.kind === 'classifier') graphs[PACKAGE_FILES.classifier] = seededClassifier(network, seed, CLASSES);
  const parameters = Object.values(graphs).reduce((sum, graph) => sum + parameterCount(graph), 0);
  if (network.kind === 'classifier') graphs[PACKAGE_FILES.tail] = tailGraph(network, seed, featurizer);
  const text = {
    name,
    description: `${network.title}, ${(parameters / 1e6).toFixed(1)} M parameters, seeded weights, not trained`,
    tags: { seed: String(seed), parameters: String(parameters), trained: 'false' },
  };
  return network.kind === 'classifier'
    ? { draft: classifierPackage(network, { ...text, classes: CLASSES }), graphs, classes: CLASSES }
    : { draft: detectorPackage(network, text), graphs, classes: network.classes };
}
