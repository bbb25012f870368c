import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type ModelManifest, type Package, readOnnxHeader, verifyGraph } from '@edgeslot/scoring/model';
import type { ComparedPackages } from '../compare/compare-packages.js';
import { findPictures } from '../evaluate/find-pictures.js';
import type { PictureFailure } from '../evaluate/run-pictures.js';
import { packageBytes } from '../registry/layout.js';
import { openFloat32 } from '../registry/open-float32.js';
import { publishPackage } from '../registry/publish.js';
import { besidesFeaturizer, stageBesidesFeaturizer } from '../registry/rewritten-featurizer.js';
import { openStaging, removeStaging, stagingOwner } from '../registry/staging.js';
import { runTask } from '../worker/run-task.js';
import { int8Draft } from './int8-draft.js';
import { type CalibrationMethod, type QuantizerResult, runQuantizer } from './quantizer.js';
import { type PictureSplit, splitPictures } from './split-pictures.js';
import type { PackageTimes } from './time-packages.js';

export interface QuantizeModelOptions {
  readonly modelsDir: string;
  /** `name` or `name:version` of a float32 model. */
  readonly model: string;
  /** A folder of pictures, the folders in it included: what the camera sees. */
  readonly images: string;
  /** Name of the model that is made; the source's by default. */
  readonly name?: string;
  /** Added to those of the source. */
  readonly tags?: Readonly<Record<string, string>>;
  /** How many pictures to calibrate on at most; default 100. */
  readonly samples?: number;
  /** Default `minmax`. */
  readonly method?: CalibrationMethod;
  /** 7 avoids overflow on processors without a dot product of bytes, at half the precision; default 8. */
  readonly weightBits?: 7 | 8;
  /** Decides which pictures are held out; default 1. */
  readonly seed?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (progress: QuantizeProgress) => void;
  readonly signal?: AbortSignal;
}

export interface QuantizeProgress {
  readonly phase: 'python' | 'samples' | 'prepare' | 'calibrate' | 'compare' | 'time';
  readonly done: number;
  readonly total: number;
  /** Of `python`: the step. */
  readonly text?: string;
}

export interface MeasuredModel extends PackageTimes {
  /** `name:version`. */
  readonly id: string;
  readonly numerics: ModelManifest['numerics'];
  /** Size of the package's files. */
  readonly bytes: number;
}

export interface QuantizedModel {
  readonly manifest: ModelManifest;
  readonly before: MeasuredModel;
  readonly after: MeasuredModel;
  /** On pictures that were not calibrated on. */
  readonly compared: ComparedPackages;
  readonly calibratedOn: number;
  /** Pictures that could not be calibrated on, with the reason. */
  readonly skipped: readonly PictureFailure[];
  readonly duplicates: number;
  readonly quantizer: QuantizerResult;
}

type Running = { readonly signal?: AbortSignal };

/** A range needs some pictures; with fewer readable ones it is a guess. */
const LEAST_CALIBRATION = 4;

/**
 * Makes an int8 version of a model and registers it, measured against its source on pictures that were not used to make
 * it. The featurizer's weights and activations become bytes; the classifier stays in float32, as it does beside a card:
 * it is a hundredth of the work, and decides.
 *
 * Throws what `openPackage` throws, RangeError for options and pictures that do not do, PythonError when the quantiser
 * cannot be run, and the signal's reason. Nothing is registered then.
 */
export async function quantizeModel(options: QuantizeModelOptions): Promise<QuantizedModel> {
  const { modelsDir, samples = 100, method = 'minmax', weightBits = 8, seed = 1, env, onProgress, signal } = options;
  const running: Running = { ...(signal && { signal }) };
  if (!(Number.isSafeInteger(samples) && samples >= LEAST_CALIBRATION)) {
    throw new RangeError(`samples: expected a whole number of ${LEAST_CALIBRATION} or more, got ${samples}`);
  }
  const source = await openFloat32(options);
  const split = await splitPictures(await findPictures(resolve(options.images)), { samples, seed, ...running });
  const report = (phase: QuantizeProgress['phase']) => (progress: Omit<QuantizeProgress, 'phase'>) =>
    onProgress?.({ phase, done: progress.done, total: progress.total });
  const owner = stagingOwner();
  try {
    const { manifest } = source;
    const workshop = await openStaging(modelsDir, owner);
    const staging = await openStaging(modelsDir, owner);
    const samplesFile = join(workshop, 'samples.f32');
    const written = await runTask(
      {
        task: 'write-samples',
        recipe: structuredClone(manifest.preprocessing),
        files: split.calibration,
        target: samplesFile,
      },
      { ...running, onProgress: report('samples') },
    );
    if (written.count < LEAST_CALIBRATION) throw tooFew('calibrate on', written.count, written.skipped);
    await stageBesidesFeaturizer(source, staging);
    const quantizer = await runQuantizer(
      {
        source: join(source.directory, manifest.featurizer.file),
        target: join(staging, manifest.featurizer.file),
        folder: workshop,
        samples: samplesFile,
        shape: manifest.featurizer.input.shape.slice(1),
        answers: manifest.classifier === undefined,
        method,
        weightBits,
      },
      (progress) => onProgress?.(progress),
      { ...running, ...(env && { env }) },
    );
    const file = join(staging, manifest.featurizer.file);
    verifyGraph(file, await readOnnxHeader(file), manifest.featurizer, manifest.files);

    const measured = await measure(source, staging, split, report, running);
    const draft = int8Draft(manifest, options, { method, weightBits, calibratedOn: written.count, ...measured });
    const { files } = besidesFeaturizer(manifest);
    const published = await publishPackage(modelsDir, staging, draft, { digests: files, ...running });
    return {
      manifest: published,
      before: { ...facts(manifest), ...measured.times[0]! },
      after: { ...facts(published), ...measured.times[1]! },
      compared: measured.compared,
      calibratedOn: written.count,
      skipped: written.skipped,
      duplicates: split.duplicates,
      quantizer,
    };
  } finally {
    await removeStaging(modelsDir, owner);
  }
}

async function measure(
  source: Package,
  staging: string,
  { heldOut }: PictureSplit,
  report: (phase: QuantizeProgress['phase']) => (progress: { done: number; total: number }) => void,
  running: Running,
): Promise<{ compared: ComparedPackages; times: readonly PackageTimes[] }> {
  const manifest = structuredClone(source.manifest) as ModelManifest;
  const [a, b] = [
    { directory: source.directory, manifest },
    { directory: staging, manifest },
  ];
  const compared = await runTask(
    { task: 'compare', a, b, labels: [...source.labels], files: heldOut, threads: availableParallelism() },
    { ...running, onProgress: report('compare') },
  );
  if (compared.pictures === 0) throw tooFew('measure with', 0, compared.failed);
  const failed = new Set(compared.failed.map(({ file }) => file));
  const files = heldOut.filter((file) => !failed.has(file));
  const times = await runTask(
    { task: 'time-packages', packages: [a, b], files },
    { ...running, onProgress: report('time') },
  );
  return { compared, times };
}

function facts(manifest: ModelManifest): Pick<MeasuredModel, 'id' | 'numerics' | 'bytes'> {
  const { name, version, numerics } = manifest;
  return { id: `${name}:${version}`, numerics, bytes: packageBytes(manifest) };
}

function tooFew(purpose: string, count: number, skipped: readonly PictureFailure[]): RangeError {
  const reasons = skipped.slice(0, 3).map(({ reason }) => reason);
  return new RangeError(`too few readable pictures to ${purpose}, ${count}: ${reasons.join('; ')}`);
}
