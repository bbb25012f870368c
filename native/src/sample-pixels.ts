/** Decoded pixels to a network's input, as a plan says; the plan is checked against pixels and target at each call. */
export interface SamplePlan {
  /** Of the source, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Each channel in a plane of its own. */
  readonly planar: boolean;
  /** Blue first. */
  readonly reversed: boolean;
  /** What is subtracted from each value of a row of the tensor, and what it is then multiplied by. */
  readonly means: Float32Array;
  readonly scales: Float32Array;
  /** Room for intermediate rows. */
  readonly scratch: Float32Array;
  readonly kind: 'bilinear' | 'filter';
  readonly x: SampleAxis;
  readonly y: SampleAxis;
}

/** For each destination pixel two source pixels and the weight of the second, or a run of them and their weights. */
export type SampleAxis =
  | { readonly low: Int32Array; readonly high: Int32Array; readonly weight: Float32Array }
  | {
      readonly first: Int32Array;
      readonly count: Int32Array;
      readonly weights: Float32Array;
      readonly taps: number;
    };

/**
 * Fills `target` in the calling thread and allocates nothing; safe in worker threads. `rgb` is 8-bit, row by row.
 *
 * @throws TypeError for an argument of another kind; RangeError for a plan that leaves the pixels or the target
 */
export type SamplePixels = (rgb: Uint8Array, plan: SamplePlan, target: Float32Array) => void;
