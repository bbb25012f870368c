import type { ScoringError } from '../errors.js';
import { formatModelId, type ModelId, type ModelReference } from '../model/model-id.js';
import type { SlotFailure, SlotState, SlotStateName, SwapOutcome } from './slot-state.js';

const HISTORY = 20;

/** What the slot shows of itself: its state, its last failure, the ends of its latest wishes; and who listens. */
export class StateBoard {
  readonly #stateListeners = new Set<(state: SlotState) => void>();
  readonly #outcomeListeners = new Set<(outcome: SwapOutcome) => void>();
  readonly #history: SwapOutcome[] = [];
  #state: SlotState = { state: 'START', since: new Date().toISOString() };
  #error: SlotState['error'];
  #lastFailure: SlotFailure | undefined;

  get state(): SlotState {
    return this.#state;
  }

  get history(): readonly SwapOutcome[] {
    return [...this.#history];
  }

  get lastFailure(): SlotFailure | undefined {
    return this.#lastFailure;
  }

  onState(listener: (state: SlotState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onOutcome(listener: (outcome: SwapOutcome) => void): () => void {
    this.#outcomeListeners.add(listener);
    return () => this.#outcomeListeners.delete(listener);
  }

  /** Shows a new state, and tells every listener. */
  show(state: SlotStateName, model: ModelId | undefined = this.#state.model): void {
    const error = this.#error;
    const failed = this.#lastFailure?.model;
    if (state === 'AVAILABLE' && model && !error && (failed === model.name || failed === formatModelId(model))) {
      this.#lastFailure = undefined;
    }
    this.#state = { state, ...(model && { model }), ...(error && { error }), since: new Date().toISOString() };
    tell(this.#stateListeners, this.#state);
  }

  /** Keeps a failure; it is shown with every state until `clearError`. */
  keepError({ code, message }: ScoringError, model: ModelReference): void {
    this.#error = { code, text: message, model: formatModelId(model) };
    this.#lastFailure = { code, text: message, model: formatModelId(model), at: new Date().toISOString() };
  }

  clearError(): void {
    this.#error = undefined;
  }

  record(outcome: SwapOutcome): void {
    this.#history.push(outcome);
    if (this.#history.length > HISTORY) this.#history.shift();
    tell(this.#outcomeListeners, outcome);
  }
}

/** A listener that throws stops neither the others nor the slot. */
function tell<T>(listeners: ReadonlySet<(event: T) => void>, event: T): void {
  for (const listener of listeners) {
    try {
      listener(event);
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }
}
