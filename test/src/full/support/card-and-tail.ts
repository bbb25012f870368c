import { join } from 'node:path';
import { channelsLast } from '@edgeslot/model-tools/testing';
import type { ModelManifest } from '@edgeslot/scoring/model';
import * as ort from 'onnxruntime-node';

/**
 * The features of pictures by way of a card: its part of the featurizer in onnxruntime (without the border), its output
 * turned as a card gives it, and the package's tail.
 */
export async function runCardAndTail(
  part: string,
  directory: string,
  { featurizer, device }: ModelManifest,
  pictures: readonly Float32Array[],
): Promise<ort.Tensor> {
  const { output, tail } = device!;
  const values = new Float32Array(pictures.length * pictures[0]!.length);
  for (const [index, picture] of pictures.entries()) values.set(picture, index * picture.length);
  const shape = [pictures.length, ...featurizer.input.shape.slice(1)];
  const given = await runOnce(part, new ort.Tensor('float32', values, shape));
  const turned = channelsLast(given.data as Float32Array, given.dims);
  const onCard = new ort.Tensor('float32', turned, [pictures.length, ...output.shape.slice(1)]);
  return await runOnce(join(directory, tail!), onCard);
}

/** A graph of one input and one output. */
async function runOnce(file: string, tensor: ort.Tensor): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(file);
  try {
    return (await session.run({ [session.inputNames[0]!]: tensor }))[session.outputNames[0]!]!;
  } finally {
    await session.release();
  }
}
