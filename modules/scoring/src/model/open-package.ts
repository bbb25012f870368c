import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { deepFreeze } from '../deep-freeze.js';
import { ScoringError, scoringError } from '../errors.js';
import { answerGraph } from './answer-graph.js';
import { verifyFile } from './digest.js';
import type { GraphSpec, ModelManifest } from './manifest.js';
import { parseManifest } from './manifest-check.js';
import { formatModelId, type ModelReference } from './model-id.js';
import { resolveModel } from './models-directory.js';
import type { OnnxHeader } from './onnx/onnx-header.js';
import { readOnnxHeader } from './onnx/read-header.js';
import { verifyGraph } from './onnx/verify-graph.js';
import type { Package } from './package.js';

const MANIFEST_LIMIT = 1 << 20;
const LABELS_LIMIT = 16 << 20;

/**
 * Reads and verifies a model package: resolves the version (none = the latest), checks the manifest, the size and
 * sha256 of every file it names, the graphs (tensors, operators, versions) against it, and the labels. No device is
 * needed for that. What it returns is frozen.
 *
 * @param baseDir the models directory, laid out `<base>/<name>/<version>/`
 * @throws ScoringError MODELS_DIRECTORY, MODEL_NOT_FOUND, one of the PACKAGE_ codes; the abort reason when `signal` is aborted
 */
export async function openPackage(
  baseDir: string,
  reference: ModelReference,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Package> {
  const { signal } = options;
  const id = await resolveModel(baseDir, reference);
  const directory = resolve(baseDir, id.name, String(id.version));
  const path = join(directory, 'model.json');
  const manifest = parseManifest(await readText(directory, 'model.json', MANIFEST_LIMIT), path);
  if (manifest.name !== id.name || manifest.version !== id.version) {
    const detail = `expected ${formatModelId(id)} as the directory says, found ${formatModelId(manifest)}`;
    throw scoringError('PACKAGE_MANIFEST', path, 'name, version', detail);
  }
  for (const [name, digest] of Object.entries(manifest.files)) {
    signal?.throwIfAborted();
    await verifyFile(directory, name, digest, signal);
  }
  const graphs = graphsOf(manifest);
  const headers = new Map<string, OnnxHeader>();
  for (const { file } of graphs) {
    signal?.throwIfAborted();
    headers.set(file, await readOnnxHeader(join(directory, file)));
  }
  for (const graph of graphs) {
    verifyGraph(join(directory, graph.file), headers.get(graph.file)!, graph, manifest.files, headers);
  }
  const labels = await readLabels(directory, manifest);
  return deepFreeze({ id, directory, manifest, labels });
}

function graphsOf({ featurizer, classifier, device }: ModelManifest): GraphSpec[] {
  const graphs = classifier ? [featurizer, classifier] : [featurizer];
  if (device?.tail) graphs.push({ file: device.tail, input: device.output, outputs: featurizer.outputs });
  return graphs;
}

async function readLabels(directory: string, manifest: ModelManifest): Promise<string[]> {
  const path = join(directory, manifest.postprocessing.labels);
  const text = await readText(directory, manifest.postprocessing.labels, LABELS_LIMIT);
  const labels = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const classes = answerGraph(manifest).outputs[0]!.shape.at(-1)!;
  if (labels.length !== classes) {
    const expected = `${classes}, one for each class of ${answerGraph(manifest).file}`;
    throw scoringError('PACKAGE_LABELS', path, expected, String(labels.length));
  }
  return labels;
}

async function readText(directory: string, name: string, limit: number): Promise<string> {
  const path = join(directory, name);
  let file: FileHandle | undefined;
  try {
    const real = await realpath(path);
    if (!real.startsWith((await realpath(directory)) + sep)) {
      throw scoringError('PACKAGE_OUTSIDE', path, 'file', `a link to ${real}`);
    }
    // Opening a pipe would wait for its writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile()) throw scoringError('PACKAGE_FILE_MISSING', path);
    const { size } = stats;
    if (size > limit) {
      throw scoringError('PACKAGE_MANIFEST', path, 'size', `expected at most ${limit} bytes, found ${size}`);
    }
    return new TextDecoder().decode(await file.readFile());
  } catch (error) {
    if (error instanceof ScoringError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw scoringError('PACKAGE_FILE_MISSING', path);
    throw scoringError('PACKAGE_MANIFEST', path, 'file', (error as Error).message);
  } finally {
    await file?.close();
  }
}
