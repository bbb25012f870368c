import { type ErrorCode, reviveScoringError } from '../errors.js';
import { formatModelId, type ModelReference, mayBeSame } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { clip, type SectionStatus } from './report-texts.js';

/** What is asked of the slot. */
export interface ModelHolder {
  aspire(reference: ModelReference, requestedBy: string): Promise<SwapOutcome>;
}

/** Turns the desired model into a wish, and the wish's end into a status. */
export class DesiredModel {
  #latest: string | undefined;
  #reference: ModelReference | undefined;
  #source = '';
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

  /** The same wish again changes nothing, or a model that failed would be tried at each change of another section. */
  want(reference: ModelReference | undefined, requestedBy: 'twin' | 'environment'): void {
    const key = reference && `${formatModelId(reference)} ${requestedBy}`;
    if (key === this.#latest) return;
    this.#latest = key;
    this.#reference = reference;
    if (!reference) {
      this.#status = { code: 404, text: 'no model is desired; the last one stays' };
      return;
    }
    this.#source = requestedBy === 'twin' ? '' : ', from MODEL_NAME';
    this.#status = { code: 202, text: `loading ${formatModelId(reference)}${this.#source}` };
    void this.holder.aspire(reference, requestedBy).then((outcome) => {
      if (this.#latest !== key || outcome.result === 'superseded') return;
      this.#status = describeOutcome(outcome, this.#source);
      this.changed();
    });
  }

  /** A wish that failed is granted when the slot, which goes on trying, holds its model after all. */
  onState({ state, model, error }: SlotState): void {
    if (state !== 'AVAILABLE' || !model || error || this.#status.code < 400) return;
    if (!this.#reference || !mayBeSame(this.#reference, model)) return;
    this.#status = { code: 200, text: heldText(formatModelId(model), this.#source) };
    this.changed();
  }
}

function heldText(model: string, source: string): string {
  return `${model} is held${source}`;
}

export function describeOutcome({ result, to, from, error }: SwapOutcome, source = ''): SectionStatus {
  if (!error) return { code: 200, text: heldText(to, source) };
  const { http } = reviveScoringError({ code: error.code as ErrorCode, message: error.text });
  const kept = result === 'restored' ? `${from ?? 'the last model'} was restored` : 'the last state stays';
  return { code: http, text: clip(`${to}: ${error.code}: ${error.text}; ${kept}`) };
}
