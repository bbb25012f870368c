import { reviveScoringError } from '../errors.js';
import { formatModelId, type ModelReference, mayBeSame } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { clip, type SectionStatus } from './report-texts.js';

/** What is asked of the slot. */
export interface ModelHolder {
  readonly history: readonly SwapOutcome[];
  aspire(reference: ModelReference, requestedBy: string): Promise<SwapOutcome>;
}

/**
 * Turns the desired model into a wish, and the wish's end into a status. The newest wish wins, whoever asks: when another
 * one has put a model into the slot the status is 409, and the desired model is wished for again when it is desired anew.
 */
export class DesiredModel {
  #latest: string | undefined;
  #reference: ModelReference | undefined;
  #source = '';
  /** Our wish that has not ended. */
  #open: Promise<SwapOutcome> | undefined;
  #status: SectionStatus = {
    code: 404,
    text: 'no model is desired: expected model.name here or MODEL_NAME in the environment',
  };

  constructor(
    private readonly holder: ModelHolder,
    private readonly changed: () => void,
  ) {}

  get status(): SectionStatus {
    return this.#status;
  }

  /**
   * @param anew somebody has just asked for it, be it the same model; else the same wish again changes nothing, or a
   * model that failed would be tried at each change of another section
   */
  want(reference: ModelReference | undefined, requestedBy: 'twin' | 'environment', anew: boolean): void {
    const key = reference && `${formatModelId(reference)} ${requestedBy}`;
    if (key === this.#latest && !(anew && requestedBy === 'twin')) return;
    this.#latest = key;
    this.#reference = reference;
    if (!reference) {
      this.#open = undefined;
      this.#status = { code: 404, text: 'no model is desired; the last one stays' };
      return;
    }
    this.#source = requestedBy === 'twin' ? '' : ', from MODEL_NAME';
    this.#status = { code: 202, text: `loading ${formatModelId(reference)}${this.#source}` };
    const wish = this.holder.aspire(reference, requestedBy);
    this.#open = wish;
    void wish.then((outcome) => {
      if (this.#open !== wish) return;
      this.#open = undefined;
      this.#status = describeOutcome(outcome, this.#source);
      this.changed();
    });
  }

  /** A wish that failed is granted when the slot holds its model after all; and a granted one ends with another's. */
  onState({ state, model, error }: SlotState): void {
    if (state !== 'AVAILABLE' || !model || !this.#reference || this.#open) return;
    const status = this.#statusWith(formatModelId(model), mayBeSame(this.#reference, model), error !== undefined);
    if (!status || (status.code === this.#status.code && status.text === this.#status.text)) return;
    this.#status = status;
    this.changed();
  }

  #statusWith(model: string, desired: boolean, failed: boolean): SectionStatus | undefined {
    if (desired) return failed || this.#status.code < 400 ? undefined : heldStatus(model, this.#source);
    const wish = this.holder.history.at(-1);
    if (wish?.result !== 'loaded' || wish.to !== model) return undefined;
    const wanted = `${formatModelId(this.#reference!)}${this.#source}`;
    const text = `${model} was asked for later (${wish.requestedBy}); ${wanted} is held again when it is desired anew`;
    return { code: 409, text: clip(text) };
  }
}

function heldStatus(model: string, source: string): SectionStatus {
  return { code: 200, text: `${model} is held${source}` };
}

function describeOutcome({ result, to, from, error }: SwapOutcome, source: string): SectionStatus {
  if (result === 'superseded') return { code: 409, text: clip(`${to}: a newer wish took its place`) };
  if (!error) return heldStatus(to, source);
  const { http } = reviveScoringError({ code: error.code, message: error.text });
  const kept = result === 'restored' ? `${from ?? 'the last model'} was restored` : 'the last state stays';
  return { code: http, text: clip(`${to}: ${error.code}: ${error.text}; ${kept}`) };
}
