import type { Detection, SsdMap } from '../detector.js';
import { anchorsPerCell, type SsdLayout } from '../layout.js';

interface Candidate {
  readonly anchor: number;
  readonly classId: number;
  readonly confidence: number;
  /** Left, top, right, bottom. */
  readonly box: readonly number[];
}

/**
 * SSD's post-processing as its definition reads, step after step on lists of objects in float64: slow, and independent of
 * the detector, whose layout alone it shares.
 */
export function slowDetect(
  maps: readonly SsdMap[],
  classes: number,
  layout: SsdLayout,
  threshold: number,
  iouThreshold: number,
): Detection[] {
  const candidates: Candidate[] = [];
  let anchor = 0;
  for (const [index, map] of layout.maps.entries()) {
    const perCell = anchorsPerCell(map);
    for (let row = 0; row < map.size; row++) {
      for (let column = 0; column < map.size; column++) {
        for (let one = 0; one < perCell; one++, anchor++) {
          const place = (row * map.size + column) * perCell + one;
          const scores = [...maps[index]!.classes.slice(place * classes, (place + 1) * classes)];
          const location = [...maps[index]!.locations.slice(place * 4, (place + 1) * 4)];
          const probabilities = softmax(scores);
          if (probabilities.some(Number.isNaN)) continue;
          const box = decode(location, anchorOf(layout, index, row, column, one), layout);
          if (box.some(Number.isNaN)) continue;
          const clipped = box.map((edge) => Math.fround(Math.max(0, Math.min(1, edge))));
          for (const classId of selected(scores, probabilities, threshold)) {
            candidates.push({ anchor, classId, confidence: probabilities[classId]!, box: clipped });
          }
        }
      }
    }
  }
  const sorted = candidates.sort((a, b) => b.confidence - a.confidence || a.anchor - b.anchor || a.classId - b.classId);
  const kept: Candidate[] = [];
  for (const candidate of sorted.slice(0, 400)) {
    const rival = kept.find((one) => one.classId === candidate.classId && iou(one.box, candidate.box) >= iouThreshold);
    if (!rival) kept.push(candidate);
  }
  return kept.map(({ classId, confidence, box: [left, top, right, bottom] }) => ({
    classId,
    confidence,
    box: { left: left!, top: top!, right: right!, bottom: bottom! },
  }));
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => Math.fround(power / sum));
}

function selected(scores: readonly number[], probabilities: readonly number[], threshold: number): number[] {
  if (threshold === 0) {
    const best = scores.indexOf(Math.max(...scores));
    return best > 0 ? [best] : [];
  }
  return probabilities.flatMap((probability, classId) => (classId > 0 && probability > threshold ? [classId] : []));
}

function anchorOf({ side, maps }: SsdLayout, index: number, row: number, column: number, one: number) {
  const { step, sides, ratios } = maps[index]!;
  const centre = { x: Math.fround(((column + 0.5) * step) / side), y: Math.fround(((row + 0.5) * step) / side) };
  const square = (length: number) => ({ width: Math.fround(length), height: Math.fround(length) });
  if (one === 0) return { ...centre, ...square(sides[0] / side) };
  if (one === 1) return { ...centre, ...square(Math.sqrt(sides[0] * sides[1]) / side) };
  const root = Math.sqrt(ratios[one - 2]!);
  const length = sides[0] / side;
  return { ...centre, width: Math.fround(length * root), height: Math.fround(length / root) };
}

function decode(location: readonly number[], anchor: ReturnType<typeof anchorOf>, layout: SsdLayout): number[] {
  const { centreScale, sizeScale } = layout;
  const x = location[0]! * anchor.width * centreScale + anchor.x;
  const y = location[1]! * anchor.height * centreScale + anchor.y;
  const width = anchor.width * Math.exp(sizeScale * location[2]!);
  const height = anchor.height * Math.exp(sizeScale * location[3]!);
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

function iou(a: readonly number[], b: readonly number[]): number {
  const width = Math.max(0, Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!));
  const height = Math.max(0, Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!));
  const both = width * height;
  if (both === 0) return 0;
  const areas = [a, b].map((box) => (box[2]! - box[0]!) * (box[3]! - box[1]!));
  return both / (areas[0]! + areas[1]! - both);
}
