import type { FrameCounters, FrameMessage } from '../story/frame-message.js';
import { LatencyHistogram } from './latency-histogram.js';

const NOTHING: FrameCounters = { posted: 0, scored: 0, dropped: 0, failed: 0, inFlight: 0 };

/**
 * Adds up what the cameras counted. A camera that starts again counts from nothing: its earlier counts are kept, and
 * what it had in flight when it went away stays in flight, because nobody ever heard of those frames again.
 */
export class FrameTally {
  readonly latency = new LatencyHistogram();
  /** Counts of the present run of each camera, keyed by module and camera name. */
  readonly #present = new Map<string, FrameCounters>();
  #earlier: FrameCounters = NOTHING;

  addFrame(module: string, frame: FrameMessage): void {
    const key = `${module}/${frame.camera}`;
    if (frame.counters) this.#take(key, frame.counters);
    else this.#present.set(key, countOne(this.#present.get(key) ?? NOTHING, frame.status));
    if (frame.status === 'scored' && frame.latencyMs !== undefined) this.latency.add(frame.latencyMs);
  }

  /** A camera's counters as its twin reports them: the last word when it stops. */
  addReported(module: string, camera: string | undefined, counters: FrameCounters): void {
    const key = camera === undefined ? this.#onlyCameraOf(module) : `${module}/${camera}`;
    if (key !== undefined) this.#take(key, counters);
  }

  /** The module's process ended: whatever it counts next starts at nothing. */
  moduleEnded(module: string): void {
    for (const [key, counters] of this.#present) {
      if (!key.startsWith(`${module}/`)) continue;
      this.#earlier = sum(this.#earlier, counters);
      this.#present.delete(key);
    }
  }

  get counters(): FrameCounters {
    let total = this.#earlier;
    for (const counters of this.#present.values()) total = sum(total, counters);
    return total;
  }

  #take(key: string, counters: FrameCounters): void {
    const known = this.#present.get(key);
    // Messages and reports travel apart, so an older count may come after a newer one.
    if (known === undefined || counters.posted > known.posted) this.#present.set(key, counters);
    else if (counters.posted === known.posted && counters.inFlight <= known.inFlight) this.#present.set(key, counters);
  }

  #onlyCameraOf(module: string): string | undefined {
    const keys = [...this.#present.keys()].filter((key) => key.startsWith(`${module}/`));
    return keys.length === 1 ? keys[0] : undefined;
  }
}

function countOne(counters: FrameCounters, status: FrameMessage['status']): FrameCounters {
  return { ...counters, posted: counters.posted + 1, [status]: counters[status] + 1 };
}

function sum(a: FrameCounters, b: FrameCounters): FrameCounters {
  return {
    posted: a.posted + b.posted,
    scored: a.scored + b.scored,
    dropped: a.dropped + b.dropped,
    failed: a.failed + b.failed,
    inFlight: a.inFlight + b.inFlight,
  };
}
