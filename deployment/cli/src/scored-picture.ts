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

/** @param bytes the picture that was scored */
export async function readScores(
  bytes: Uint8Array,
  { model, outputs }: ScoreResult,
  { labels, resize }: KnownModel,
  { top, ...options }: ReadOptions,
): Promise<ScoredPicture> {
  const { findObjects, topK } = await import('@edgeslot/client');
  const objects = findObjects(outputs, { ...options, labels });
  if (objects) return { picture: await inPixels(bytes, objects, resize) };
  const [output, ...more] = outputs.values();
  const id = `${model.name}:${model.version}`;
  if (!output) throw new CliError(`${id} answered without an output`);
  if (more.length > 0) {
    throw new CliError(`${id} answered ${outputs.size} tensors; expected one of classes, or the 12 of SSD-VGG-300`);
  }
  return { classes: topK(output.data, top, labels) };
}
