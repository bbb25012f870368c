import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ModelManifest, Recipe } from '../model/manifest.js';
import { sealManifest } from '../model/manifest-digest.js';
import { FEATURES, FEATURIZER_INPUT, PREDICTIONS, tinyClassifier, tinyFeaturizer } from './tiny-onnx.js';

export const RECIPE: Recipe = {
  resize: { mode: 'aspect-crop', shortSide: 256, height: 224, width: 224 },
  interpolation: 'bilinear-legacy',
  channels: 'BGR',
  mean: [123.68, 116.779, 103.939],
  scale: 1,
  layout: 'NHWC',
};

export interface TinyPackage {
  readonly name?: string;
  readonly version?: number;
  readonly labels?: readonly string[];
  /** Three rows (B, G, R means) of one weight a class. */
  readonly weights?: readonly number[];
  readonly softmax?: boolean;
  /** Changes the manifest after it was made right; it is then without a digest of its own. */
  readonly alter?: (manifest: ModelManifest) => unknown;
  /** Replaces or adds files, whose digests are then right. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** The best class is the strongest colour: blue, green, red. */
const STRONGEST = [0.1, 0, 0, 0, 0.1, 0, 0, 0, 0.1];

/** Writes a small but complete package into `<base>/<name>/<version>/` and returns its directory. */
export async function writeTinyPackage(base: string, options: TinyPackage = {}): Promise<string> {
  const { name = 'tiny', version = 1, labels = ['blue', 'green', 'red'], softmax = true } = options;
  const directory = join(base, name, String(version));
  const weights = Float32Array.from(options.weights ?? STRONGEST);
  const files: Record<string, Uint8Array> = {
    'featurizer.onnx': tinyFeaturizer(),
    'classifier.onnx': tinyClassifier({ weights, classes: labels.length, softmax }),
    'labels.txt': Buffer.from(`${labels.join('\n')}\n`),
    ...options.files,
  };
  const digests = Object.entries(files).map(([file, content]) => [
    file,
    { sha256: createHash('sha256').update(content).digest('hex'), bytes: content.byteLength },
  ]);
  const manifest: ModelManifest = {
    schemaVersion: 1,
    name,
    version,
    description: 'the strongest colour of a picture',
    tags: {},
    created: '2026-01-01T00:00:00Z',
    network: 'tiny',
    numerics: 'float32',
    signature: {
      inputs: { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } },
      outputs: { output_alias: { tensor: PREDICTIONS, dtype: 'float', shape: [-1, labels.length] } },
    },
    preprocessing: RECIPE,
    postprocessing: { type: softmax ? 'softmax' : 'logits', labels: 'labels.txt' },
    featurizer: {
      file: 'featurizer.onnx',
      input: { name: FEATURIZER_INPUT, shape: [-1, 224, 224, 3] },
      outputs: [{ name: FEATURES, shape: [-1, 1, 1, 3] }],
    },
    classifier: {
      file: 'classifier.onnx',
      input: { name: FEATURES, shape: [-1, 1, 1, 3] },
      outputs: [{ name: PREDICTIONS, shape: [-1, labels.length] }],
    },
    files: Object.fromEntries(digests),
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await writeFile(join(directory, file), content);
  }
  const written = options.alter ? options.alter(structuredClone(manifest)) : sealManifest(manifest);
  await writeFile(join(directory, 'model.json'), JSON.stringify(written, null, 2));
  return directory;
}

/** A directory of its own for one test, gone when the test is over. */
export async function temporaryDirectory(t: { after(done: () => Promise<void>): void }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'edgeslot-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
