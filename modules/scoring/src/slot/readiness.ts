import type { SlotState, SlotStateName } from './slot-state.js';

/** As much of a slot as its readiness follows from. */
export interface ReadySlot {
  readonly state: SlotState;
  onState(listener: (state: SlotState) => void): () => void;
}

/**
 * Whether a health check should send calls here. The gap of a swap is no reason not to: calls wait in the queue. It
 * becomes one when it lasts, and so does a slot at END or one that never served.
 */
export class Readiness {
  readonly #listeners = new Set<(ready: boolean) => void>();
  #ready = false;
  #gap: NodeJS.Timeout | undefined;

  /** @param notReadyAfterMs milliseconds that a gap may last, read at its beginning */
  constructor(private readonly notReadyAfterMs: () => number) {}

  get ready(): boolean {
    return this.#ready;
  }

  /** Calls `listener` with every change; the function returned ends that. */
  onChange(listener: (ready: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes on what the slot shows; the function returned ends that, and the readiness with it. */
  follow(slot: ReadySlot): () => void {
    const end = slot.onState(({ state }) => this.#show(state));
    this.#show(slot.state.state);
    return () => {
      end();
      this.#show('END');
    };
  }

  #show(state: SlotStateName): void {
    if (state === 'AVAILABLE' || state === 'END') {
      this.#endGap();
      this.#set(state === 'AVAILABLE');
    } else if (this.#ready) {
      this.#gap ??= setTimeout(() => this.#set(false), this.notReadyAfterMs()).unref();
    }
  }

  #endGap(): void {
    clearTimeout(this.#gap);
    this.#gap = undefined;
  }

  #set(ready: boolean): void {
    if (ready === this.#ready) return;
    this.#ready = ready;
    for (const listener of this.#listeners) listener(ready);
  }
}
