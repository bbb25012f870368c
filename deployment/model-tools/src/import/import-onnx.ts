import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type OnnxModel, readOnnxModel } from '@edgeslot/scoring/graph';
import { type FileDigest, type Recipe, readOnnxHeader, ScoringError, verifyOperators } from '@edgeslot/scoring/model';
import { OpenGraph } from '../onnx/run-graph.js';
import type { PackageDraft } from '../registry/publish.js';
import { answerKind } from './answer-kind.js';
import { importRecipe } from './import-recipe.js';
import { ModelFiles } from './model-files.js';
import type { RecipeFile } from './recipe-file.js';
import { type Split, splitModel } from './split.js';
import { type Edge, type Part, writePart } from './write-part.js';

export interface ImportOnnxOptions {
  readonly file: string;
  /** An empty directory for the package's graphs. */
  readonly staging: string;
  /** The tensor between featurizer and classifier; by default the input of the last Gemm or MatMul. */
  readonly split?: string;
  readonly recipe?: RecipeFile;
}

export interface ImportedOnnx {
  readonly draft: Omit<PackageDraft, 'name' | 'description' | 'tags'>;
  readonly classes: number;
  readonly digests: Readonly<Record<string, FileDigest>>;
  /** Where the model was cut. */
  readonly split: string;
}

const LEAST_OPSET = 11;
const FILES = { featurizer: 'featurizer.onnx', classifier: 'classifier.onnx', labels: 'labels.txt' } as const;

/**
 * Makes featurizer and classifier of an ONNX file. Each is run once to learn its shapes, so only for worker threads.
 *
 * Throws Error that names the file and what was expected; ScoringError for an operator that the runtime lacks.
 */
export async function importOnnx(options: ImportOnnxOptions): Promise<ImportedOnnx> {
  const source = await ModelFiles.open(options.file);
  try {
    const model = await readOnnxModel(source.main);
    checkOpset(model.opset);
    return await importModel(source, model, options);
  } catch (error) {
    if (error instanceof ScoringError) throw error;
    throw new Error(`${options.file}: ${(error as Error).message}`, { cause: error });
  } finally {
    await source.close();
  }
}

function checkOpset(opset: number): void {
  if (opset >= LEAST_OPSET) return;
  throw new Error(
    `opset ${opset}; expected ${LEAST_OPSET} or higher. Convert it with the Python package onnx, ` +
      '`onnx.save(onnx.version_converter.convert_version(onnx.load("old.onnx"), 17), "new.onnx")`, ' +
      'or export it again: torch.onnx.export(…, opset_version=17), tf2onnx --opset 17',
  );
}

async function importModel(source: ModelFiles, model: OnnxModel, options: ImportOnnxOptions): Promise<ImportedOnnx> {
  const split = splitModel(model, options.split);
  const recipe = importRecipe(split.input, options.recipe);
  const size = pictureShape(recipe);
  const batch = split.input.shape?.[0] ?? -1;
  const rows = batch > 0 ? batch : 'N';
  if (batch > 1)
    throw new Error(`the input ${split.input.name} is a batch of ${batch}; expected one picture, or any number`);

  const first: Omit<Part, 'output'> = {
    name: 'featurizer',
    nodes: split.featurizer,
    input: { name: split.input.name, shape: [rows, ...size] },
  };
  const probe = join(options.staging, 'probe.onnx');
  await writePart(source, model, { ...first, output: { name: split.at } }, probe);
  verifyOperators(options.file, await readOnnxHeader(probe));
  const features = await runOnce(probe, [1, ...size]);
  await rm(probe);
  const edge: Edge = { name: split.at, shape: [rows, ...features.shape.slice(1)] };
  const digests: Record<string, FileDigest> = {};
  const featurizer = join(options.staging, FILES.featurizer);
  digests[FILES.featurizer] = await writePart(source, model, { ...first, output: edge }, featurizer);

  const second = { name: 'classifier', nodes: split.classifier, input: edge };
  await writePart(source, model, { ...second, output: { name: split.output.name } }, probe);
  verifyOperators(options.file, await readOnnxHeader(probe));
  const scores = await runOnce(probe, features.shape, features.values);
  await rm(probe);
  const [one, classes = 0] = scores.shape;
  if (one !== 1 || scores.shape.length !== 2 || classes < 1) {
    throw new Error(`the output ${split.output.name} is [${scores.shape.join(', ')}]; expected [1, classes]`);
  }
  const output: Edge = { name: split.output.name, shape: [rows, classes] };
  const classifier = join(options.staging, FILES.classifier);
  digests[FILES.classifier] = await writePart(source, model, { ...second, output }, classifier);
  return {
    draft: draftOf(split, recipe, features.shape, classes, options.file),
    classes,
    digests,
    split: split.at,
  };
}

function pictureShape({ layout, resize: { height, width } }: Recipe): number[] {
  return layout === 'NCHW' ? [3, height, width] : [height, width, 3];
}

async function runOnce(file: string, shape: readonly number[], values?: Float32Array) {
  const graph = await OpenGraph.open(file);
  try {
    const size = shape.reduce((product, one) => product * one, 1);
    const result = await graph.runShaped(values ?? new Float32Array(size), shape);
    if (result.shape[0] === 1 && result.shape.length > 1) return result;
    throw new Error(`a tensor of shape [${result.shape.join(', ')}] at its edge; expected [1, …] for one picture`);
  } finally {
    await graph.close();
  }
}

function draftOf(
  { at, input, output, classifier }: Split,
  recipe: Recipe,
  features: readonly number[],
  classes: number,
  file: string,
): ImportedOnnx['draft'] {
  const link = { name: at, shape: [-1, ...features.slice(1)] };
  const shape = [-1, classes];
  return {
    network:
      basename(file)
        .replace(/\.onnx$/i, '')
        .slice(0, 128) || 'onnx',
    numerics: 'float32',
    signature: {
      inputs: { images: { tensor: 'Placeholder:0', dtype: 'string', shape: [-1] } },
      outputs: { output_alias: { tensor: output.name, dtype: 'float', shape } },
    },
    preprocessing: recipe,
    postprocessing: { type: answerKind(classifier, output.name), labels: FILES.labels },
    featurizer: {
      file: FILES.featurizer,
      input: { name: input.name, shape: [-1, ...pictureShape(recipe)] },
      outputs: [link],
    },
    classifier: { file: FILES.classifier, input: link, outputs: [{ name: output.name, shape }] },
  };
}
