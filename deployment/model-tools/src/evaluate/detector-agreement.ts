import { type Anchors, makeAnchors, pairMaps, SSD_VGG_300 } from '@edgeslot/detection';
import type { TensorData } from '@edgeslot/scoring/device';
import { Agreement, type AgreementReport } from './agreement.js';
import { indexOfMost, softmaxRows } from './probabilities.js';

export interface DetectorReport extends AgreementReport {
  /**
   * Of anchors that both models take for the same object: how far the edges of their boxes lie apart, as a share of the
   * picture's side.
   */
  readonly boxes: { readonly compared: number; readonly mean: number; readonly largest: number };
}

const BACKGROUND = 0;
const LAYOUT = SSD_VGG_300;

/** As `Agreement`, for single-shot detectors: every anchor of a picture is an answer. */
export class DetectorAgreement {
  readonly #anchors: Anchors = makeAnchors(LAYOUT);
  readonly #agreement: Agreement;
  #compared = 0;
  #sum = 0;
  #largest = 0;

  constructor(labels: readonly string[]) {
    this.#agreement = new Agreement(labels, { margins: false });
  }

  /** The outputs of one picture. Throws RangeError when they are not a detector's, or not finite. */
  add(file: string, a: readonly TensorData[], b: readonly TensorData[]): void {
    const [one, other] = [arrange(a), arrange(b)];
    let anchor = 0;
    for (const [map, { scores, locations }] of one.pairs.entries()) {
      const [first, second] = [scores, other.pairs[map]!.scores].map(({ data }) => softmaxRows(data, one.classes));
      const moved = other.pairs[map]!.locations.data;
      const count = first!.length / one.classes;
      for (let at = 0; at < count; at++, anchor++) {
        const [from, to] = [at * one.classes, (at + 1) * one.classes];
        const [ours, theirs] = [first!.subarray(from, to), second!.subarray(from, to)];
        this.#agreement.add(file, ours, theirs);
        const said = indexOfMost(ours);
        if (said === BACKGROUND || said !== indexOfMost(theirs)) continue;
        this.#compare(edges(this.#anchors, anchor, locations.data, at), edges(this.#anchors, anchor, moved, at));
      }
    }
  }

  report(): DetectorReport {
    const compared = this.#compared;
    const mean = compared === 0 ? 0 : this.#sum / (4 * compared);
    return { ...this.#agreement.report(), boxes: { compared, mean, largest: this.#largest } };
  }

  #compare(a: readonly number[], b: readonly number[]): void {
    this.#compared++;
    for (const [edge, value] of a.entries()) {
      const difference = Math.abs(value - b[edge]!);
      this.#sum += difference;
      this.#largest = Math.max(this.#largest, difference);
    }
  }
}

function arrange(outputs: readonly TensorData[]) {
  const arrangement = pairMaps(outputs, LAYOUT);
  if (!arrangement) throw new RangeError('expected the class and location maps of SSD-VGG-300');
  if (!outputs.every(({ data }) => data.every(Number.isFinite))) throw new RangeError('numbers that are not finite');
  return arrangement;
}

/** Top, left, bottom, right of a box, within the picture. */
function edges({ centreX, centreY, width, height }: Anchors, anchor: number, locations: Float32Array, at: number) {
  const [x, y, w, h] = locations.subarray(4 * at, 4 * at + 4) as unknown as [number, number, number, number];
  const middleX = centreX[anchor]! + x * width[anchor]! * LAYOUT.centreScale;
  const middleY = centreY[anchor]! + y * height[anchor]! * LAYOUT.centreScale;
  const [halfWidth, halfHeight] = [
    (width[anchor]! * Math.exp(w * LAYOUT.sizeScale)) / 2,
    (height[anchor]! * Math.exp(h * LAYOUT.sizeScale)) / 2,
  ];
  return [middleY - halfHeight, middleX - halfWidth, middleY + halfHeight, middleX + halfWidth].map((edge) =>
    Math.min(1, Math.max(0, edge)),
  );
}
