import type { CameraFrame, FailedFrame, ScoredFrame } from '../camera-frame.js';
import type { Sections } from '../config/index.js';
import { confidenceOf, labelOf } from '../http/inferences.js';
import { recognitionMessages } from './recognition-messages.js';

/** A camera is forgotten when this many newer ones have come. */
const MAX_CAMERAS = 1000;
/** Failures come in runs: a camera's are told this often, at most. Milliseconds. */
const FAILURE_INTERVAL_MS = 1000;

/** What was sent of a camera last. */
interface CameraTelemetry {
  scoredAt: number;
  failedAt: number;
  /** Labels of the last message; none after a failure. */
  seen: string | undefined;
}

export type SendMessage = (output: string, body: unknown, properties?: Readonly<Record<string, string>>) => void;

/**
 * Sends messages of camera frames on `output1`, as often as the settings allow. `{…, inferences: []}` is a frame in which
 * nothing was seen; `{camera, time, error}` is one that failed.
 */
export class FrameTelemetry {
  readonly #cameras = new Map<string, CameraTelemetry>();

  constructor(
    private readonly send: SendMessage,
    private readonly settings: () => Sections['telemetry'],
    private readonly now: () => number = () => performance.now(),
  ) {}

  frame(frame: CameraFrame): void {
    if (!this.settings().enabled) return;
    const camera = this.#camera(frame.camera);
    if ('error' in frame) this.#failed(frame, camera);
    else this.#scored(frame, camera);
  }

  #scored(frame: ScoredFrame, camera: CameraTelemetry): void {
    const { intervalMs, minConfidence, onlyOnChange, format } = this.settings();
    const inferences = frame.inferences.filter((one) => confidenceOf(one) >= minConfidence);
    const seen = describe(inferences);
    if (onlyOnChange && seen === camera.seen) return;
    const now = this.now();
    if (now - camera.scoredAt < intervalMs) return;
    camera.scoredAt = now;
    camera.seen = seen;
    if (format === 'recognition') {
      for (const { body, properties } of recognitionMessages(frame, inferences)) this.send('output1', body, properties);
      return;
    }
    const { camera: name, time, model, numerics, latencyMs } = frame;
    this.send('output1', { camera: name, time, model, numerics, inferences, latencyMs });
  }

  #failed({ camera: name, time, error }: FailedFrame, camera: CameraTelemetry): void {
    const now = this.now();
    if (now - camera.failedAt < Math.max(FAILURE_INTERVAL_MS, this.settings().intervalMs)) return;
    camera.failedAt = now;
    camera.seen = undefined;
    this.send('output1', { camera: name, time, error: { ...error } });
  }

  #camera(name: string): CameraTelemetry {
    const never = Number.NEGATIVE_INFINITY;
    const camera = this.#cameras.get(name) ?? { scoredAt: never, failedAt: never, seen: undefined };
    this.#cameras.delete(name);
    this.#cameras.set(name, camera);
    if (this.#cameras.size > MAX_CAMERAS) this.#cameras.delete(this.#cameras.keys().next().value!);
    return camera;
  }
}

/** The best class of a picture, or which objects are in it, and how many of each. */
function describe(inferences: ScoredFrame['inferences']): string {
  const [first] = inferences;
  if (!first) return '';
  if (first.type === 'classification') return JSON.stringify([labelOf(first)]);
  return JSON.stringify(inferences.map(labelOf).sort());
}
