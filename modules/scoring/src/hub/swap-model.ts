import type { JsonObject, MethodReply } from '@edgeslot/edge-module';
import { milliseconds, modelReference, section } from '../config/schema.js';
import { makeCheck } from '../config/validator.js';
import { reviveScoringError } from '../errors.js';
import { formatModelId, type ModelReference, parseModelReference } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { within } from '../within.js';
import { reportOutcome } from './reported-state.js';

/** The hub lets a caller wait for 300 s at most, and an answer takes a moment to reach him. */
export const LONGEST_WAIT_MS = 290_000;
/** Without a word about it the hub gives a caller 30 s. */
const USUAL_WAIT_MS = 20_000;

const checkRequest = makeCheck(
  {
    ...section({ model: modelReference, waitMs: milliseconds(0, LONGEST_WAIT_MS, USUAL_WAIT_MS) }),
    required: ['model'],
  },
  'payload',
);

/** What the method asks of the slot. */
export interface SwappedSlot {
  readonly state: SlotState;
  aspire(reference: ModelReference, requestedBy: string): Promise<SwapOutcome>;
}

/**
 * The direct method `swapModel`, `{model: "name" | "name:version", waitMs?}`: a wish for a model, answered with how it
 * ended. The wish goes on when the caller has waited long enough; the same call again waits for the same wish.
 *
 * Status 200 with the outcome when the model is held; 202 while it is not yet decided; 400 for a bad payload; 409 when a
 * newer wish took this one's place; else the HTTP status of the failure, with what serves instead.
 */
export async function swapModel(slot: SwappedSlot, payload: unknown): Promise<MethodReply> {
  const request = structuredClone(payload);
  const findings = checkRequest(request);
  if (findings.length > 0) return refuse(findings.map(({ path, text }) => `${path}: ${text}`).join('; '));
  const { model, waitMs } = request as { readonly model: string; readonly waitMs: number };
  const reference = parseModelReference(model);
  if (!reference) return refuse(`payload.model: ${model} is no model id`);
  const outcome = await within<SwapOutcome | undefined>(slot.aspire(reference, 'method'), waitMs, () => undefined);
  if (outcome) return answer(outcome, slot.state);
  const message = `${formatModelId(reference)} is not held yet: the wish goes on`;
  return { status: 202, payload: { message, ...serving(slot.state) } };
}

function refuse(message: string): MethodReply {
  return { status: 400, payload: { message } };
}

function answer(outcome: SwapOutcome, state: SlotState): MethodReply {
  const { result, to, error } = outcome;
  const payload = { ...reportOutcome(outcome), ...serving(state) };
  if (result === 'superseded') {
    const message = `a newer wish took the place of the one for ${to}`;
    return { status: 409, payload: { message, ...payload } };
  }
  if (!error) return { status: 200, payload };
  const failure = reviveScoringError({ code: error.code, message: error.text });
  return { status: failure.http, payload: { message: `${to}: ${failure.code}: ${failure.message}`, ...payload } };
}

/** The slot as it is at the time of the answer: after a failure the old model may serve on. */
function serving({ state, model }: SlotState): JsonObject {
  return { slot: { state, ...(model && { model: formatModelId(model) }) } };
}
