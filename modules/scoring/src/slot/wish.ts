import type { ScoringError } from '../errors.js';
import { formatModelId, type ModelReference } from '../model/model-id.js';
import type { Package } from '../model/package.js';
import type { WishView } from './policy.js';
import type { SwapOutcome, SwapStage } from './slot-state.js';

/** One wish for a model, from the asking to its recorded end. */
export class Wish {
  readonly outcome: Promise<SwapOutcome>;
  /** Its package, once that is verified. */
  model: Package | undefined;
  prepared = false;
  /** What was prepared has answered a frame. */
  warm = false;
  loaded = false;
  restored: WishView['restored'] = 'untried';
  error: ScoringError | undefined;
  memory: SwapOutcome['memory'];
  readonly #lifetime = new AbortController();
  readonly #durations: Partial<Record<SwapStage, number>> = {};
  #running: { readonly stage: SwapStage; readonly start: number } | undefined;
  #resolve!: (outcome: SwapOutcome) => void;

  constructor(
    readonly id: number,
    readonly reference: ModelReference,
    readonly requestedBy: string,
    readonly from: ModelReference | undefined,
    private readonly clock: () => number,
    /** The model is to be loaded again even when it is held. */
    public again = false,
  ) {
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Aborted when the wish ends: what was begun for it is given up. */
  get signal(): AbortSignal {
    return this.#lifetime.signal;
  }

  get ended(): boolean {
    return this.signal.aborted;
  }

  /** The id of its package; before that is known the reference. */
  get target(): ModelReference {
    return this.model?.id ?? this.reference;
  }

  get view(): WishView {
    const { model, prepared, again, loaded, error, restored } = this;
    return { target: model && formatModelId(model.id), prepared, again, loaded, failed: error !== undefined, restored };
  }

  is(reference: ModelReference): boolean {
    return formatModelId(reference) === formatModelId(this.reference);
  }

  /** Does one stage and keeps how long it took, also when it fails or is cut short. */
  async timed<T>(stage: SwapStage, work: () => Promise<T>): Promise<T> {
    this.#running = { stage, start: this.clock() };
    try {
      return await work();
    } finally {
      this.#keep();
    }
  }

  /** Milliseconds in which nothing served. */
  blackout(start: number): void {
    this.#durations.blackout = this.clock() - start;
  }

  /** Ends the wish; the outcome is the same however often it is asked for. */
  end(result: SwapOutcome['result']): SwapOutcome {
    this.#keep();
    const { error, memory } = this;
    const told = result === 'loaded' || result === 'unchanged' ? undefined : error;
    const outcome: SwapOutcome = {
      id: this.id,
      ...(this.from && { from: formatModelId(this.from) }),
      to: formatModelId(this.target),
      requestedBy: this.requestedBy,
      result,
      ...(told && { error: { code: told.code, text: told.message } }),
      ...(memory && { memory }),
      durations: { ...this.#durations },
      at: new Date().toISOString(),
    };
    this.#lifetime.abort();
    this.#resolve(outcome);
    return outcome;
  }

  #keep(): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    this.#durations[running.stage] = this.clock() - running.start;
  }
}
