import type { DetectedObject } from '@edgeslot/client';
import type { KnownModel } from './labels.js';

/** An object with its box in pixels of the picture in the file. */
export interface ShownObject {
  readonly label: string;
  readonly classId: number;
  /** Probability, 0 to 1. */
  readonly confidence: number;
  readonly box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

export interface ShownPicture {
  readonly width: number;
  readonly height: number;
  readonly objects: readonly ShownObject[];
}

/**
 * Boxes of a network's input as pixels of the picture it was made of. Without a recipe the picture counts as stretched,
 * which detectors are trained with.
 */
export async function inPixels(
  bytes: Uint8Array,
  found: readonly DetectedObject[],
  resize: KnownModel['resize'],
): Promise<ShownPicture> {
  const { inPicture, pictureSize } = await import('@edgeslot/scoring/preprocess');
  const { width, height } = pictureSize(bytes);
  const objects = found.map(({ label, classId, confidence, box }) => {
    const share = resize ? inPicture(box, { width, height }, resize) : box;
    const [left, top] = [Math.round(share.left * width), Math.round(share.top * height)];
    return {
      label,
      classId,
      confidence: Number(confidence.toFixed(6)),
      box: {
        left,
        top,
        width: Math.round(share.right * width) - left,
        height: Math.round(share.bottom * height) - top,
      },
    };
  });
  return { width, height, objects };
}
