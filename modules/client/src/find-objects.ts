import { arrangeMaps, type Detection, type DetectionOptions, type MapTensor, SsdDetector } from '@edgeslot/detection';

export interface DetectedObject extends Detection {
  /** The label, or `class N` where none is known. */
  readonly label: string;
}

export interface FindOptions extends DetectionOptions {
  /** One for each class, the first for the background. */
  readonly labels?: readonly string[];
  /** Which picture of a call with several. Default 0. */
  readonly row?: number;
}

/**
 * The objects in what an SSD-VGG-300 detector answered, best first; boxes from 0 to 1 of the network's input, which is
 * the whole picture where it is stretched to it.
 *
 * @param outputs all twelve outputs, as `scoreImage` gives them
 * @returns `undefined` when these are not the outputs of such a detector
 */
export function findObjects(
  outputs: ReadonlyMap<string, MapTensor>,
  { labels = [], row = 0, ...options }: FindOptions = {},
): DetectedObject[] | undefined {
  const arranged = arrangeMaps(outputs.values(), row);
  if (!arranged) return undefined;
  const found = new SsdDetector(arranged.classes).detect(arranged.maps, options);
  return found.map((one) => ({ label: labels[one.classId] ?? `class ${one.classId}`, ...one }));
}
