import { renderFrame } from '@edgeslot/camera/scene';
import type { ModelManifest, Recipe } from '@edgeslot/scoring/model';
import { preprocessImage } from '@edgeslot/scoring/preprocess';
import type { Matrix } from '../head/standardize.js';
import { OpenGraph } from '../onnx/run-graph.js';

export interface StepOptions {
  readonly signal: AbortSignal;
  readonly onStep: (done: number) => void;
}

const RENDERED_AT_ONCE = 4;
/** A batch uses several cores better than one picture does. */
const RUN_TOGETHER = 4;

/** The JPEGs of the frames, in the order of their seeds. */
export async function renderFrames(seeds: readonly number[], { signal, onStep }: StepOptions): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  for (let start = 0; start < seeds.length; start += RENDERED_AT_ONCE) {
    signal.throwIfAborted();
    frames.push(...(await Promise.all(seeds.slice(start, start + RENDERED_AT_ONCE).map(renderFrame))));
    onStep(frames.length);
  }
  return frames;
}

type Featurizer = Pick<ModelManifest, 'featurizer' | 'preprocessing'>;

/** The featurizer's output for each picture, a row each; pictures become tensors as they do when scored. */
export async function computeFeatures(
  file: string,
  { featurizer, preprocessing }: Featurizer,
  frames: readonly Buffer[],
  { signal, onStep }: StepOptions,
): Promise<Matrix> {
  const columns = featurizer.outputs[0]!.shape.at(-1)!;
  const values = new Float32Array(frames.length * columns);
  const graph = await OpenGraph.open(file);
  try {
    for (let row = 0; row < frames.length; row += RUN_TOGETHER) {
      signal.throwIfAborted();
      const batch = await stack(frames.slice(row, row + RUN_TOGETHER), preprocessing);
      values.set(await graph.run(batch.values, batch.shape), row * columns);
      onStep(Math.min(row + RUN_TOGETHER, frames.length));
    }
  } finally {
    await graph.close();
  }
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0)
    throw new Error(`features: expected finite numbers, frame ${Math.floor(broken / columns)} gave ${values[broken]}`);
  return { values, rows: frames.length, columns };
}

async function stack(pictures: readonly Buffer[], recipe: Recipe): Promise<{ values: Float32Array; shape: number[] }> {
  const images = [];
  for (const picture of pictures) images.push(await preprocessImage(picture, recipe));
  const { height, width, tensor } = images[0]!;
  const values = new Float32Array(images.length * tensor.length);
  for (const [index, image] of images.entries()) values.set(image.tensor, index * tensor.length);
  return { values, shape: [images.length, height, width, 3] };
}
