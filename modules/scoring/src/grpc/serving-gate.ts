import { ServingStatus } from '@edgeslot/tensorflow-serving';
import type { DoorContext } from '../door-context.js';
import type { SlotState } from '../slot/slot-state.js';

/**
 * Through a short swap calls wait and are answered, so a prober that took the module out of service would only do harm.
 * Half of what Microsoft's client waits for a picture (`PredictionClient.score_file`, 10 s).
 */
const PATIENCE_MS = 5000;

/** Whether the module can be called, as health checks tell it: SERVING while a model is there, or will be shortly. */
export class ServingGate {
  readonly #patienceMs: number;
  readonly #listeners = new Set<(status: number) => void>();
  readonly #unlisten: () => void;
  #status: number = ServingStatus.NOT_SERVING;
  #gap: NodeJS.Timeout | undefined;

  /** @param patienceMs a swap that takes longer is told as NOT_SERVING; having no model at all is told at once */
  constructor({ state, control }: Pick<DoorContext, 'state' | 'control'>, patienceMs: number = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    this.#unlisten = control.onState((now) => this.#onState(now));
    this.#onState(state());
  }

  /** A number of ServingStatus. */
  get status(): number {
    return this.#status;
  }

  /** Calls `listener` with every change; the function returned ends that. */
  listen(listener: (status: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** NOT_SERVING from here on. Idempotent. */
  close(): void {
    this.#unlisten();
    this.#show(ServingStatus.NOT_SERVING);
  }

  #onState({ state }: SlotState): void {
    if (state === 'AVAILABLE') this.#show(ServingStatus.SERVING);
    else if (state === 'START' || state === 'END') this.#show(ServingStatus.NOT_SERVING);
    else this.#gap ??= setTimeout(() => this.#show(ServingStatus.NOT_SERVING), this.#patienceMs).unref();
  }

  #show(status: number): void {
    clearTimeout(this.#gap);
    this.#gap = undefined;
    if (status === this.#status) return;
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}
