import { arrangeMaps, type Box, type DetectionOptions, pairMaps, SsdDetector } from '@edgeslot/detection';
import { scoringError } from '../errors.js';
import { answerGraph } from '../model/answer-graph.js';
import { formatModelId } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import { inPicture } from '../preprocess/in-picture.js';
import type { ScoreReply } from './scorer.js';

export interface DetectedObject {
  readonly label: string;
  readonly classId: number;
  /** Probability, 0 to 1. */
  readonly confidence: number;
  /** Edges from 0 to 1 of the picture as it was sent. */
  readonly box: Box;
}

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export function isDetector({ manifest }: Package): boolean {
  return manifest.postprocessing.type === 'ssd';
}

/** @throws ScoringError DETECTIONS_UNAVAILABLE for a detector whose anchors are not known */
export function checkDetects(model: Package): void {
  if (!pairMaps(answerGraph(model.manifest).outputs)) throw unavailable(model);
}

/** Makes boxes of what a detector answers; one object for many replies, one after the other, as its buffers are reused. */
export class DetectionReader {
  #detector: SsdDetector | undefined;
  #classes = 0;

  /**
   * The objects in one picture, best first.
   *
   * @param size of the picture as sent; asked for only when the recipe cuts a part out of it
   * @param row which picture of the batch
   * @throws ScoringError DETECTIONS_UNAVAILABLE
   */
  read(
    { model, outputs }: Pick<ScoreReply, 'model' | 'outputs'>,
    options: DetectionOptions,
    size: () => PictureSize,
    row = 0,
  ): DetectedObject[] {
    const arranged = arrangeMaps(outputs, row);
    if (!arranged) throw unavailable(model);
    const found = this.#detectorOf(arranged.classes).detect(arranged.maps, options);
    const { resize } = model.manifest.preprocessing;
    const picture = resize.mode === 'stretch' || found.length === 0 ? undefined : size();
    return found.map(({ classId, confidence, box }) => ({
      label: model.labels[classId] ?? `class ${classId}`,
      classId,
      confidence,
      box: picture ? inPicture(box, picture, resize) : box,
    }));
  }

  #detectorOf(classes: number): SsdDetector {
    if (!this.#detector || this.#classes !== classes) {
      this.#detector = new SsdDetector(classes);
      this.#classes = classes;
    }
    return this.#detector;
  }
}

function unavailable({ id, manifest }: Package): Error {
  const { outputs } = answerGraph(manifest);
  const shapes = outputs.map(({ shape }) => `[${shape.slice(1).join(',')}]`).join(' ');
  return scoringError('DETECTIONS_UNAVAILABLE', formatModelId(id), shapes);
}
