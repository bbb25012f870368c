import type { JsonObject } from '@edgeslot/edge-module';
import type { CardReport, DeviceSelection } from '../device/device.js';
import { formatModelId, type ModelId } from '../model/model-id.js';
import { numericsText } from '../model/numerics-text.js';
import type { Package } from '../model/package.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { clip } from './report-texts.js';

/** Wishes whose ends are kept in the twin. */
const HISTORY = 10;
/** Cards that are told of; a device of this kind has one. */
const MOST_CARDS = 4;
/** Bytes of a text in one of them, so that there is room for all their model ids in full. */
const OUTCOME_TEXT = 200;
const ASKER_TEXT = 40;
/** An id, or a library with its digest. */
const IDENTITY_LIMIT = 120;

export interface ReportedSlot {
  readonly state: SlotState;
  readonly history: readonly SwapOutcome[];
  /** The model that serves. */
  readonly current: Package | undefined;
  /** The last model that served. */
  readonly lastGood?: ModelId | undefined;
}

/** The reported section `slot`: state, model, last good model, last failure, the ends of the last wishes, newest last. */
export function reportSlot({ state: shown, history, current, lastGood }: ReportedSlot): JsonObject {
  const { state, model, error, since } = shown;
  return {
    state,
    since,
    ...(model && { model: formatModelId(model) }),
    ...(lastGood && { lastGood: formatModelId(lastGood) }),
    ...(current && { numerics: numericsText(current.manifest) }),
    ...(error && {
      error: { code: error.code, text: clip(error.text), ...(error.model !== undefined && { model: error.model }) },
    }),
    history: history.slice(-HISTORY).map(reportOutcome),
  };
}

/** The recorded end of a wish, with texts that a twin can hold. */
export function reportOutcome(outcome: SwapOutcome): JsonObject {
  const { id, from, to, requestedBy, result, error, memory, durations, at } = outcome;
  return {
    id,
    to,
    requestedBy: clip(requestedBy, ASKER_TEXT),
    result,
    at,
    ...(from !== undefined && { from }),
    ...(error && { error: { code: error.code, text: clip(error.text, OUTCOME_TEXT) } }),
    ...(memory && {
      memory: { mode: memory.mode, ...(memory.text !== undefined && { text: clip(memory.text, OUTCOME_TEXT) }) },
    }),
    durations: Object.fromEntries(Object.entries(durations).map(([stage, ms]) => [stage, Number(ms.toFixed(1))])),
  };
}

/** The part of the reported section `model` that tells what serves, and with which numbers. */
export function reportServing({ id, manifest: { numerics, numericsDetail } }: Package): JsonObject {
  return { serving: formatModelId(id), numerics, ...(numericsDetail && { numericsDetail: { ...numericsDetail } }) };
}

/** The part of the reported section `device` that tells what is in use, why, and how the cards are. */
export function reportDevice({ device, reason, rejected, since, cards = [] }: DeviceSelection): JsonObject {
  const { kind, description, lanes, threadsPerLane } = device.info;
  return {
    kind,
    description: clip(description),
    lanes,
    threadsPerLane,
    reason: clip(reason),
    rejected: rejected
      .slice(0, MOST_CARDS)
      .map(({ kind, path, reason }) => ({ kind, ...(path !== undefined && { path }), reason: clip(reason) })),
    ...(since !== undefined && { since }),
    ...(cards.length > 0 && { cards: cards.slice(0, MOST_CARDS).map(reportCard) }),
  };
}

function reportCard({ path, identity, health, temperature, modelled, ...counts }: CardReport): JsonObject {
  return {
    path,
    identity: Object.fromEntries(
      Object.entries(identity).map(([name, value]) => [name, value.slice(0, IDENTITY_LIMIT)]),
    ),
    ...(health && { health: { ok: health.ok, text: clip(health.text) } }),
    ...(temperature !== undefined && { temperature }),
    // Never of this card: the name says it wherever the values go.
    ...(modelled && { modelled: { ...modelled } }),
    ...counts,
  };
}
