import type { Answer, DetectionOptions, ScoreResult } from '@edgeslot/client';
import { CliError } from './cli-error.js';
import { inPixels, type ShownPicture } from './detections.js';
import type { KnownModel } from './labels.js';

/** What a model said of one picture: classes of a classifier, objects of a detector. */
export type ScoredPicture = { readonly classes: readonly Answer[] } | { readonly picture: ShownPicture };

export interface ReadOptions extends DetectionOptions {
  /** Classes, at most. */
  readonly top: number;
}

/**
 * Logits become probabilities, as they do over HTTP.
 *
 * @param bytes the picture that was scored
 */
export async function readScores(
  bytes: Uint8Array,
  { model, outputs }: ScoreResult,
  { labels, resize, answers }: KnownModel,
  { top, ...options }: ReadOptions,
): Promise<ScoredPicture> {
  const { findObjects, topK } = await import('@edgeslot/client');
  const { softmax } = await import('@edgeslot/scoring/softmax');
  const objects = findObjects(outputs, { ...options, labels });
  if (objects) return { picture: await inPixels(bytes, objects, resize) };
  const [output, ...more] = outputs.values();
  const id = `${model.name}:${model.version}`;
  if (!output) throw new CliError(`${id} answered without an output`);
  if (more.length > 0) {
    throw new CliError(`${id} answered ${outputs.size} tensors; expected one of classes, or the 12 of SSD-VGG-300`);
  }
  const logits = answers === undefined ? !areProbabilities(output.data) : answers === 'logits';
  return { classes: topK(logits ? softmax(output.data) : output.data, top, labels) };
}

/** Of a model whose package is not here. float32 may leave a softmax a little above 1. */
function areProbabilities(values: Float32Array): boolean {
  return values.every((value) => value >= 0 && value <= 1.001);
}
