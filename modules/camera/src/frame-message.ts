/** What became of the frames so far; `posted = scored + dropped + failed + inFlight`, always. */
export interface FrameCounters {
  readonly posted: number;
  readonly scored: number;
  /** Answered 503, or given up for a newer frame before it was sent. */
  readonly dropped: number;
  /** Any other answer than 200 or 204, no answer, or no picture. */
  readonly failed: number;
  readonly inFlight: number;
}

/** One message per frame, on output `frames`. */
export interface FrameMessage {
  readonly camera: string;
  /** Counts from 1. */
  readonly frame: number;
  /** Of the synthetic scene. */
  readonly seed?: number;
  readonly status: 'scored' | 'dropped' | 'failed';
  readonly httpStatus?: number;
  /** Best inference, if there was any. */
  readonly label?: string;
  readonly confidence?: number;
  /** How many objects a detector saw in it. */
  readonly objects?: number;
  /** `name:version` of the model that answered. */
  readonly model?: string;
  /** From post to answer. */
  readonly latencyMs?: number;
  /** Why it was not scored. */
  readonly reason?: string;
  readonly counters: FrameCounters;
}
