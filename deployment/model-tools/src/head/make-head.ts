import { join } from 'node:path';
import { type ModelManifest, openPackage, parseModelReference } from '@edgeslot/scoring/model';
import { checkTexts } from '../registry/check-texts.js';
import { writeDurably } from '../registry/durable.js';
import { packageDirectory } from '../registry/layout.js';
import { type PackageDraft, publishPackage } from '../registry/publish.js';
import { linkOrCopy } from '../registry/share-file.js';
import { stageFolders } from '../registry/stage-folders.js';
import { openRegistry, openStaging, removeStaging, stagingOwner } from '../registry/staging.js';
import type { TaskProgress } from '../worker/progress.js';
import { runTask } from '../worker/run-task.js';
import type { TrainedModelHead } from './train-model-head.js';

export interface MakeHeadOptions {
  readonly modelsDir: string;
  /** `name` or `name:version` of the model whose featurizer is used. */
  readonly model: string;
  /** A folder with a folder of pictures per class. */
  readonly images: string;
  /** Decides which pictures are set aside; default 1. */
  readonly seed?: number;
  /** Share of every class that is set aside, default 0.25. */
  readonly heldOutShare?: number;
  readonly description?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: TaskProgress) => void;
  readonly signal?: AbortSignal;
}

export interface MadeHead extends TrainedModelHead {
  readonly manifest: ModelManifest;
}

/**
 * Trains a classifier over the frozen featurizer of a registered model and registers both as its next version, with the
 * model as parent. The same seed, pictures and model give the same bytes.
 *
 * Throws what `openPackage` throws, RangeError for pictures or options that do not do, and the signal's reason.
 */
export async function makeHead(options: MakeHeadOptions): Promise<MadeHead> {
  const { modelsDir, model, images, seed = 1, heldOutShare = 0.25, onProgress, signal } = options;
  const reference = parseModelReference(model);
  if (!reference) throw new RangeError(`model: expected name or name:version, got "${model}"`);
  if (!(heldOutShare > 0 && heldOutShare < 1)) {
    throw new RangeError(`held-out share: expected a number between 0 and 1, got ${heldOutShare}`);
  }
  checkTexts(options.description, options.tags);
  const { id, directory, manifest } = await openPackage(modelsDir, reference, { ...(signal && { signal }) });
  await openRegistry(modelsDir);
  const running = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const head = await runTask(
    { task: 'train-head', modelsDir, directory, manifest: structuredClone(manifest), images, seed, heldOutShare },
    running,
  );
  const owner = stagingOwner();
  try {
    const staging = await openStaging(modelsDir, owner);
    const replaced = [manifest.classifier!.file, manifest.postprocessing.labels];
    const kept = Object.keys(manifest.files).filter((file) => !replaced.includes(file));
    await stageFolders(staging, Object.keys(manifest.files));
    for (const file of kept) await linkOrCopy(join(packageDirectory(modelsDir, id), file), join(staging, file));
    await writeDurably(join(staging, manifest.classifier!.file), head.classifier);
    await writeDurably(join(staging, manifest.postprocessing.labels), `${head.classes.join('\n')}\n`);
    const digests = Object.fromEntries(kept.map((file) => [file, manifest.files[file]!]));
    const draft = draftOf(manifest, head, seed, options);
    const published = await publishPackage(modelsDir, staging, draft, { digests, ...(signal && { signal }) });
    return { ...head, manifest: published };
  } finally {
    await removeStaging(modelsDir, owner);
  }
}

function draftOf(parent: ModelManifest, head: TrainedModelHead, seed: number, options: MakeHeadOptions): PackageDraft {
  const { schemaVersion: _schema, version, created: _created, files: _files, ...kept } = parent;
  const classes = head.classes.length;
  const [output, ...others] = parent.classifier!.outputs;
  if (!output || others.length > 0) throw new RangeError(`${parent.name}:${version}: expected one output to replace`);
  const shape = [...output.shape.slice(0, -1), classes];
  const outputs = Object.entries(parent.signature.outputs).map(([alias, tensor]) => [alias, { ...tensor, shape }]);
  return {
    ...kept,
    description:
      options.description ?? `${head.classes.join(', ')}: head over ${parent.name}:${version}`.slice(0, 4096),
    tags: {
      ...options.tags,
      accuracy: String(head.accuracy),
      measuredOn: String(head.heldOut),
      trainedOn: String(head.trained),
      headSeed: String(seed),
    },
    parent: `${parent.name}:${version}`,
    signature: { inputs: parent.signature.inputs, outputs: Object.fromEntries(outputs) },
    classifier: { ...parent.classifier!, outputs: [{ ...output, shape }] },
  };
}
