import type { ScoringError } from '../errors.js';
import { formatModelId, type ModelReference } from '../model/model-id.js';
import type { SwapOutcome } from './slot-state.js';

type Stage = keyof SwapOutcome['durations'];

/** One wish for a model, from the asking to its recorded end. */
export class Wish {
  readonly abort = new AbortController();
  readonly outcome: Promise<SwapOutcome>;
  readonly #durations: Partial<Record<Stage, number>> = {};
  #resolve!: (outcome: SwapOutcome) => void;

  constructor(
    readonly id: number,
    readonly reference: ModelReference,
    readonly requestedBy: string,
    readonly from: ModelReference | undefined,
    private readonly clock: () => number,
    /** The model is to be loaded again even when it is held. */
    readonly again = false,
  ) {
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** A newer wish, or the end of the slot, has taken this one's place. */
  get superseded(): boolean {
    return this.abort.signal.aborted;
  }

  is(reference: ModelReference): boolean {
    return formatModelId(reference) === formatModelId(this.reference);
  }

  /** Does one stage and keeps how long it took, also when it fails. */
  async timed<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const start = this.clock();
    try {
      return await work();
    } finally {
      this.#durations[stage] = this.clock() - start;
    }
  }

  /** Milliseconds in which nothing served. */
  blackout(start: number): void {
    this.#durations.blackout = this.clock() - start;
  }

  end(result: SwapOutcome['result'], to: ModelReference, error?: ScoringError): SwapOutcome {
    const outcome: SwapOutcome = {
      id: this.id,
      ...(this.from && { from: formatModelId(this.from) }),
      to: formatModelId(to),
      requestedBy: this.requestedBy,
      result,
      ...(error && { error: { code: error.code, text: error.message } }),
      durations: { ...this.#durations },
      at: new Date().toISOString(),
    };
    this.#resolve(outcome);
    return outcome;
  }
}
