import { join } from 'node:path';
import type { ModelManifest } from '@edgeslot/scoring/model';
import * as ort from 'onnxruntime-node';

/** A picture of slanted stripes of a period in pixels, as the model's preprocessing would scale it: [size, size, 3]. */
export function stripes({ featurizer, preprocessing }: ModelManifest, period: number): Float32Array {
  const size = featurizer.input.shape[1]!;
  const [scale] = [preprocessing.scale].flat() as [number];
  return Float32Array.from({ length: size * size * 3 }, (_, index) => {
    const pixel = Math.floor(index / 3);
    const along = (pixel % size) + Math.floor(pixel / size) / 2 + (index % 3) * 3;
    return scale * 100 * Math.sin(((2 * Math.PI) / period) * along);
  });
}

export interface OpenModel {
  /** The answers of the whole model by tensor name. */
  run(pictures: readonly Float32Array[]): Promise<Record<string, ort.Tensor>>;
  /** The featurizer's answers by tensor name. */
  featurize(pictures: readonly Float32Array[]): Promise<Record<string, ort.Tensor>>;
  close(): Promise<void>;
}

/** The graphs of a package in plain onnxruntime, one after the other. */
export async function openModel(directory: string, { featurizer, classifier }: ModelManifest): Promise<OpenModel> {
  const open = (file: string) => ort.InferenceSession.create(join(directory, file));
  const first = await open(featurizer.file);
  const second = classifier && (await open(classifier.file));
  const featurize = async (pictures: readonly Float32Array[]) => {
    const shape = [pictures.length, ...featurizer.input.shape.slice(1)];
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (const [index, picture] of pictures.entries()) values.set(picture, index * picture.length);
    return first.run({ [featurizer.input.name]: new ort.Tensor('float32', values, shape) });
  };
  return {
    featurize,
    async run(pictures) {
      const features = await featurize(pictures);
      return second && classifier
        ? second.run({ [classifier.input.name]: features[classifier.input.name]! })
        : features;
    },
    async close() {
      await first.release();
      await second?.release();
    },
  };
}

/** How far apart, relative to the first one's length. */
export function distance(a: Float32Array, b: Float32Array): number {
  let apart = 0;
  let length = 0;
  for (const [index, value] of a.entries()) {
    apart += (value - b[index]!) ** 2;
    length += value ** 2;
  }
  return Math.sqrt(apart / length);
}
