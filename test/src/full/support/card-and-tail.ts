import { join } from 'node:path';
import { channelsLast } from '@edgeslot/model-tools/testing';
import type { ModelManifest } from '@edgeslot/scoring/model';
import * as ort from 'onnxruntime-node';

/**
 * The features of a picture by way of a card: its part of the featurizer in onnxruntime (without the border), its output
 * turned as a card gives it, and the package's tail.
 */
export async function runCardAndTail(
  part: string,
  directory: string,
  { featurizer, device }: ModelManifest,
  picture: Float32Array,
): Promise<ort.Tensor> {
  const { output, tail } = device!;
  const given = await runOnce(part, new ort.Tensor('float32', picture, [1, ...featurizer.input.shape.slice(1)]));
  const turned = channelsLast(given.data as Float32Array, given.dims);
  const onCard = new ort.Tensor('float32', turned, [1, ...output.shape.slice(1)]);
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
