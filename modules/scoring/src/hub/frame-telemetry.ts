import type { ScoredFrame } from '../http/score-route.js';

/** A camera is forgotten when this many newer ones have come. */
const MAX_CAMERAS = 1000;

export interface TelemetrySettings {
  readonly enabled: boolean;
  /** Milliseconds between two messages of one camera; 0 sends every frame. */
  readonly intervalMs: number;
}

/** Sends one message per scored camera frame on `output1`, as often as the settings allow. */
export class FrameTelemetry {
  readonly #lastSent = new Map<string, number>();

  constructor(
    private readonly send: (output: string, body: unknown) => void,
    private readonly settings: () => TelemetrySettings,
    private readonly now: () => number = () => performance.now(),
  ) {}

  frame({ camera, time, model, numerics, inferences, latencyMs }: ScoredFrame): void {
    const { enabled, intervalMs } = this.settings();
    if (!enabled) return;
    if (intervalMs > 0 && !this.#isDue(camera, intervalMs)) return;
    this.send('output1', { camera, time, model, numerics, inferences, latencyMs });
  }

  #isDue(camera: string, intervalMs: number): boolean {
    const now = this.now();
    const last = this.#lastSent.get(camera);
    if (last !== undefined && now - last < intervalMs) return false;
    this.#lastSent.delete(camera);
    this.#lastSent.set(camera, now);
    if (this.#lastSent.size > MAX_CAMERAS) this.#lastSent.delete(this.#lastSent.keys().next().value!);
    return true;
  }
}
