import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '@edgeslot/scoring/model';
import { Decoder, Preprocessor } from '@edgeslot/scoring/preprocess';
import { linearClassifier } from '../networks/classifier.js';
import { OpenGraph } from '../onnx/run-graph.js';
import { modelBytes } from '../onnx/write-model.js';
import type { TaskProgress } from '../worker/progress.js';
import { confusionTable } from './confusion.js';
import { FeatureCache } from './feature-cache.js';
import { holdOut } from './hold-out.js';
import { type LabelledPicture, readPictureFolder } from './picture-folder.js';
import type { Matrix } from './standardize.js';
import { trainHead } from './train-head.js';

/** Unreadable pictures that a message names. */
const MOST_NAMED = 3;

export interface TrainModelHeadOptions {
  readonly modelsDir: string;
  /** The package whose featurizer is used, verified. */
  readonly directory: string;
  readonly manifest: ModelManifest;
  /** A folder per class. */
  readonly images: string;
  readonly seed: number;
  /** Share of every class that is set aside to measure with, above 0 and below 1. */
  readonly heldOutShare: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TaskProgress) => void;
}

export interface TrainedModelHead {
  readonly classes: readonly string[];
  /** The classifier as an ONNX file. */
  readonly classifier: Uint8Array;
  readonly trained: number;
  readonly heldOut: number;
  /** Share of the held-out pictures judged right. */
  readonly accuracy: number;
  /** Rows are true classes, columns what was said. */
  readonly confusion: readonly (readonly number[])[];
  /** Files that are no pictures, with the reason. */
  readonly skipped: readonly string[];
  readonly duplicates: number;
}

/** Trains a classifier over a package's frozen featurizer, and measures it on pictures it has not seen. */
export async function trainModelHead(options: TrainModelHeadOptions): Promise<TrainedModelHead> {
  const { manifest, seed, heldOutShare, onProgress } = options;
  const spec = manifest.classifier;
  if (!spec) throw new RangeError(`${manifest.name}:${manifest.version} has no classifier to replace`);
  const folder = await readPictureFolder(options.images);
  const { rows, skipped } = await featuresOf(folder.pictures, options);
  const usable = folder.pictures.filter(({ sha256 }) => rows.has(sha256));
  const { training, heldOut } = holdOut(usable, heldOutShare, seed);
  for (const [label, name] of folder.classes.entries()) {
    const count = training.filter((picture) => picture.label === label).length;
    if (count === 0)
      throw new RangeError(`${join(options.images, name)}: too few readable pictures (${someOf(skipped)})`);
  }
  onProgress({ phase: 'train', done: 0, total: 1, cached: 0 });
  const head = trainHead(
    matrix(training, rows),
    training.map(({ label }) => label),
    folder.classes.length,
  );
  const graph = linearClassifier(manifest.postprocessing.type === 'logits' ? 'logits' : 'softmax', {
    input: spec.input,
    output: spec.outputs[0]!.name,
    weights: head.weights,
    bias: head.bias,
  });
  const classifier = modelBytes(graph);
  const scores = await classify(classifier, spec.input.shape, matrix(heldOut, rows));
  onProgress({ phase: 'train', done: 1, total: 1, cached: 0 });
  const { accuracy, table } = confusionTable(
    scores,
    heldOut.map(({ label }) => label),
    folder.classes.length,
  );
  const { classes, duplicates } = folder;
  const counts = { trained: training.length, heldOut: heldOut.length };
  return { classes, classifier, ...counts, accuracy, confusion: table, skipped, duplicates };
}

/**
 * Features by picture. Pictures run one at a time: in a batch the last bits may depend on its size, and what is cached
 * would then change the result.
 */
async function featuresOf(pictures: readonly LabelledPicture[], options: TrainModelHeadOptions) {
  const { modelsDir, directory, manifest, signal, onProgress } = options;
  const cache = await FeatureCache.open(modelsDir, manifest);
  const rows = new Map<string, Float32Array>();
  const skipped: string[] = [];
  const preprocessor = new Preprocessor(manifest.preprocessing, new Decoder({}));
  const tensor = new Float32Array(preprocessor.size);
  let graph: OpenGraph | undefined;
  let cached = 0;
  try {
    for (const [index, { file, sha256 }] of pictures.entries()) {
      signal.throwIfAborted();
      const known = await cache.get(sha256);
      if (known) {
        rows.set(sha256, known);
        cached++;
      } else {
        const bad = await preprocessor.run(await readFile(file), file, tensor).then(
          () => undefined,
          (error: Error) => error.message,
        );
        if (bad !== undefined) skipped.push(bad);
        else {
          graph ??= await OpenGraph.open(join(directory, manifest.featurizer.file));
          const values = (await graph.run(tensor, [1, ...manifest.featurizer.input.shape.slice(1)])).slice();
          if (!values.every(Number.isFinite))
            throw new Error(`${file}: the featurizer gave numbers that are not finite`);
          rows.set(sha256, values);
          await cache.put(sha256, values);
        }
      }
      onProgress({ phase: 'features', done: index + 1, total: pictures.length, cached });
    }
  } finally {
    await graph?.close();
  }
  return { rows, skipped };
}

function matrix(pictures: readonly LabelledPicture[], features: ReadonlyMap<string, Float32Array>): Matrix {
  const columns = features.get(pictures[0]!.sha256)!.length;
  const values = new Float32Array(pictures.length * columns);
  for (const [row, { sha256 }] of pictures.entries()) values.set(features.get(sha256)!, row * columns);
  return { values, rows: pictures.length, columns };
}

async function classify(classifier: Uint8Array, shape: readonly number[], features: Matrix): Promise<Float32Array> {
  const graph = await OpenGraph.open(classifier);
  try {
    return (await graph.run(features.values, [features.rows, ...shape.slice(1)])).slice();
  } finally {
    await graph.close();
  }
}

/** The first few of what may be thousands. */
function someOf(texts: readonly string[]): string {
  const more = texts.length - MOST_NAMED;
  return [...texts.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
