import type { JsonObject } from '@edgeslot/edge-module';
import type { DeviceSelection } from '../device/device.js';
import { formatModelId } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import { clip } from './report-texts.js';

/** Wishes whose ends are kept in the twin. */
const HISTORY = 5;

/** The reported section `slot`: state, model, last failure, the ends of the last wishes, newest last. */
export function reportSlot({ state, model, error, since }: SlotState, history: readonly SwapOutcome[]): JsonObject {
  return {
    state,
    since,
    ...(model && { model: formatModelId(model) }),
    ...(error && {
      error: { code: error.code, text: clip(error.text), ...(error.model !== undefined && { model: error.model }) },
    }),
    history: history.slice(-HISTORY).map(reportOutcome),
  };
}

function reportOutcome({ id, from, to, requestedBy, result, error, durations, at }: SwapOutcome): JsonObject {
  return {
    id,
    to,
    requestedBy,
    result,
    at,
    ...(from !== undefined && { from }),
    ...(error && { error: { code: error.code, text: clip(error.text) } }),
    durations: Object.fromEntries(Object.entries(durations).map(([stage, ms]) => [stage, Number(ms.toFixed(1))])),
  };
}

/** The part of the reported section `device` that tells what was chosen and why. */
export function reportDevice({ device, reason, rejected }: DeviceSelection): JsonObject {
  const { kind, description, lanes, threadsPerLane } = device.info;
  return {
    kind,
    description: clip(description),
    lanes,
    threadsPerLane,
    reason: clip(reason),
    rejected: rejected.map((one) => ({ kind: one.kind, reason: clip(one.reason) })),
  };
}
