import { type Anchors, makeAnchors } from './anchors.js';
import { BestCandidates, MAX_CANDIDATES, mostClasses } from './best-candidates.js';
import { anchorsOf, SSD_VGG_300, type SsdLayout } from './layout.js';
import { suppress } from './suppress.js';

/** Edges of a box from 0 to 1, origin top left: of the network's input, unless it says otherwise. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Detection {
  /** From 1 on; 0 is the background. */
  readonly classId: number;
  /** Probability, 0 to 1. */
  readonly confidence: number;
  readonly box: Box;
}

export interface DetectionOptions {
  /** Only what is more probable is found; 0 takes the best class of each anchor that is no background. Default 0.5. */
  readonly threshold?: number;
  /** Of two boxes of a class that overlap this much or more (intersection over union) the worse goes. Default 0.45. */
  readonly iouThreshold?: number;
}

export const DEFAULT_THRESHOLD = 0.5;
export const DEFAULT_IOU_THRESHOLD = 0.45;

/** What a network answers for one picture, map by map in the layout's order. */
export interface SsdMap {
  /** [size, size, anchors, classes], before softmax. */
  readonly classes: Float32Array;
  /** [size, size, anchors, 4]: centre x, centre y, width, height, relative to the anchor. */
  readonly locations: Float32Array;
}

/** Probabilities are rounded to float32 before they are compared; two of that precision that differ, differ by this. */
const ROUNDING = 1e-7;
const CORNERS = 4;

/**
 * SSD's post-processing: softmax, decoding, selection, clipping, the best 400 of all classes, non-maximum suppression
 * within each class (Liu et al. 2015, arXiv:1512.02325; parameters of the accelerated SSD-VGG).
 *
 * Bad numbers are no detections: an anchor whose probabilities are not defined (a NaN or +∞ among its scores, or nothing
 * but -∞) or one of whose edges is NaN is passed over. An edge that is infinite is clipped as any other.
 *
 * One object for many pictures, one after the other: buffers are reused, nothing is allocated but the answer.
 */
export class SsdDetector {
  readonly #layout: SsdLayout;
  readonly #classes: number;
  readonly #anchors: Anchors;
  readonly #best = new BestCandidates();
  /** Of one anchor's scores. */
  readonly #powers: Float64Array;
  /** Left, top, right, bottom of each anchor that has a candidate in the picture at hand. */
  readonly #decoded: Float32Array;
  readonly #boxes = new Float32Array(MAX_CANDIDATES * CORNERS);
  readonly #classIds = new Int32Array(MAX_CANDIDATES);
  readonly #kept = new Uint8Array(MAX_CANDIDATES);

  /**
   * @param classes how many, with the background
   * @throws RangeError when there are fewer than two, or more than can be ordered (994 of SSD-VGG-300)
   */
  constructor(classes: number, layout: SsdLayout = SSD_VGG_300) {
    this.#layout = layout;
    this.#classes = classes;
    this.#anchors = makeAnchors(layout);
    const most = mostClasses(this.#anchors.count);
    if (!Number.isInteger(classes) || classes < 2 || classes > most) {
      throw new RangeError(`number of classes: expected 2 to ${most}, found ${classes}`);
    }
    this.#powers = new Float64Array(classes);
    this.#decoded = new Float32Array(this.#anchors.count * CORNERS);
  }

  /**
   * What is seen in one picture, best first; of equals the lower anchor, then the lower class first.
   * @throws RangeError when the maps are not of the layout's size, or a threshold is not from 0 to 1
   */
  detect(maps: readonly SsdMap[], options: DetectionOptions = {}): Detection[] {
    const { threshold = DEFAULT_THRESHOLD, iouThreshold = DEFAULT_IOU_THRESHOLD } = options;
    for (const [name, value] of Object.entries({ threshold, iouThreshold })) {
      if (!(value >= 0 && value <= 1)) throw new RangeError(`${name}: expected a number from 0 to 1, found ${value}`);
    }
    this.#check(maps);
    this.#best.clear();
    let firstAnchor = 0;
    for (const [index, map] of maps.entries()) {
      this.#select(map, firstAnchor, threshold);
      firstAnchor += anchorsOf(this.#layout.maps[index]!);
    }
    this.#best.sort();
    return this.#suppressed(iouThreshold);
  }

  #check(maps: readonly SsdMap[]): void {
    const expected = this.#layout.maps;
    if (maps.length !== expected.length) {
      throw new RangeError(`number of maps: expected ${expected.length}, found ${maps.length}`);
    }
    for (const [index, { classes, locations }] of maps.entries()) {
      const anchors = anchorsOf(expected[index]!);
      const sizes = [anchors * this.#classes, anchors * CORNERS];
      if (classes.length === sizes[0] && locations.length === sizes[1]) continue;
      throw new RangeError(
        `map ${index}: expected ${sizes.join(' scores and ')} locations, found ${classes.length} and ${locations.length}`,
      );
    }
  }

  /**
   * Adds the candidates of one map. Nearly all anchors are told to be background without a single exponential: what is
   * more probable than `threshold` beats each other class by more than the logit of it.
   */
  #select({ classes: scores, locations }: SsdMap, firstAnchor: number, threshold: number): void {
    const classes = this.#classes;
    const powers = this.#powers;
    const least = threshold === 0 ? 0 : logit(threshold - ROUNDING);
    for (let at = 0, anchor = firstAnchor; at < scores.length; at += classes, anchor++) {
      const background = scores[at]!;
      let best = Number.NEGATIVE_INFINITY;
      for (let i = at + 1; i < at + classes; i++) if (scores[i]! > best) best = scores[i]!;
      // Written so that a NaN is passed over.
      if (!(best - background > least)) continue;
      const most = Math.max(best, background);
      let sum = 0;
      for (let i = 0; i < classes; i++) sum += powers[i] = Math.exp(scores[at + i]! - most);
      if (Number.isNaN(sum) || !this.#decode(anchor, locations, (anchor - firstAnchor) * CORNERS)) continue;
      for (let classId = 1; classId < classes; classId++) {
        const confidence = Math.fround(powers[classId]! / sum);
        if (threshold === 0 ? scores[at + classId] !== best : !(confidence > threshold)) continue;
        this.#best.add(confidence, anchor * classes + classId);
        if (threshold === 0) break;
      }
    }
  }

  /** The anchor's box as the location moves it, clipped to the input; false when an edge is NaN. */
  #decode(anchor: number, locations: Float32Array, at: number): boolean {
    const { centreX, centreY, width, height } = this.#anchors;
    const { centreScale, sizeScale } = this.#layout;
    const x = locations[at]! * width[anchor]! * centreScale + centreX[anchor]!;
    const y = locations[at + 1]! * height[anchor]! * centreScale + centreY[anchor]!;
    const halfWidth = (width[anchor]! * Math.exp(locations[at + 2]! * sizeScale)) / 2;
    const halfHeight = (height[anchor]! * Math.exp(locations[at + 3]! * sizeScale)) / 2;
    const left = x - halfWidth;
    const top = y - halfHeight;
    const right = x + halfWidth;
    const bottom = y + halfHeight;
    if (Number.isNaN(left) || Number.isNaN(top) || Number.isNaN(right) || Number.isNaN(bottom)) return false;
    const corner = anchor * CORNERS;
    this.#decoded[corner] = clip(left);
    this.#decoded[corner + 1] = clip(top);
    this.#decoded[corner + 2] = clip(right);
    this.#decoded[corner + 3] = clip(bottom);
    return true;
  }

  #suppressed(iouThreshold: number): Detection[] {
    const best = this.#best;
    const boxes = this.#boxes;
    for (let index = 0; index < best.length; index++) {
      const number = best.number(index);
      const classId = number % this.#classes;
      const corner = ((number - classId) / this.#classes) * CORNERS;
      for (let edge = 0; edge < CORNERS; edge++) boxes[index * CORNERS + edge] = this.#decoded[corner + edge]!;
      this.#classIds[index] = classId;
    }
    suppress(boxes, this.#classIds, this.#kept, best.length, iouThreshold);
    const detections: Detection[] = [];
    for (let index = 0; index < best.length; index++) {
      if (this.#kept[index] === 0) continue;
      const [left, top, right, bottom] = boxes.subarray(index * CORNERS, (index + 1) * CORNERS);
      detections.push({
        classId: this.#classIds[index]!,
        confidence: best.confidence(index),
        box: { left: left!, top: top!, right: right!, bottom: bottom! },
      });
    }
    return detections;
  }
}

/** What a class must beat another by to be more probable than `p`; -∞ for what is less than nothing. */
function logit(p: number): number {
  return p <= 0 ? Number.NEGATIVE_INFINITY : Math.log(p / (1 - p));
}

function clip(edge: number): number {
  return Math.min(Math.max(edge, 0), 1);
}
