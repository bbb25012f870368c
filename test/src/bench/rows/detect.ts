import { anchorsOf, SSD_VGG_300, SsdDetector, type SsdMap } from '@edgeslot/detection';
import { emptyMaps, randomNumbers } from '@edgeslot/detection/testing';
import { timeFigure } from '../figures.js';
import type { Row } from '../row.js';

/** Pascal VOC's 20 and the background. */
const CLASSES = 21;
const OBJECTS = 300;
const OPTIONS = { threshold: 0.5, iouThreshold: 0.45 };

/** From a detector's 12 tensors to boxes. */
export const detect: Row = {
  name: 'detect',
  measure: async ({ compare }) => {
    const maps = makeMaps();
    const anchors = SSD_VGG_300.maps.reduce((sum, map) => sum + anchorsOf(map), 0);
    const above = countAbove(maps, OPTIONS.threshold);
    if (above !== OBJECTS) throw new Error(`${above} anchors are above the threshold, expected ${OBJECTS}`);
    const detector = new SsdDetector(CLASSES);
    const found = detector.detect(maps, OPTIONS).length;
    const comparison = await compare({ subjects: { detect: () => detector.detect(maps, OPTIONS) } });
    return {
      figures: [
        timeFigure(comparison, 'detect', {
          what: 'SSD-VGG-300 tensors to boxes',
          goal: { atMost: 2 },
          note: `${anchors} anchors of ${CLASSES} classes, ${above} above the threshold, ${found} boxes left; one thread`,
        }),
      ],
    };
  },
};

/** As a trained network answers: background nearly everywhere, and objects in scattered anchors. */
function makeMaps(): SsdMap[] {
  const random = randomNumbers(1);
  const maps = emptyMaps(SSD_VGG_300, CLASSES);
  for (const { classes, locations } of maps) {
    for (let at = 0; at < classes.length; at++) classes[at]! += 4 * random() - 2;
    for (let at = 0; at < locations.length; at++) locations[at] = 4 * random() - 2;
  }
  const anchors = maps.flatMap(({ locations }, map) =>
    Array.from({ length: locations.length / 4 }, (_, anchor) => ({ map, anchor, order: random() })),
  );
  for (const { map, anchor } of anchors.toSorted((a, b) => a.order - b.order).slice(0, OBJECTS)) {
    const classId = 1 + Math.floor(random() * (CLASSES - 1));
    maps[map]!.classes[anchor * CLASSES + classId] = 26 + 4 * random();
  }
  return maps;
}

/** Plainly, and apart from the code that is measured. */
function countAbove(maps: readonly SsdMap[], threshold: number): number {
  let count = 0;
  for (const { classes } of maps) {
    for (let at = 0; at < classes.length; at += CLASSES) {
      const powers = [...classes.subarray(at, at + CLASSES)].map((score) => Math.exp(score - 30));
      const sum = powers.reduce((a, b) => a + b);
      if (powers.slice(1).some((power) => power / sum > threshold)) count++;
    }
  }
  return count;
}
