import type { Log } from '@edgeslot/edge-module/log';
import { formatModelId } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import type { Metrics } from './metrics.js';

/** As much of a slot as is watched. */
export interface WatchedSlot {
  readonly state: SlotState;
  readonly history: readonly SwapOutcome[];
  onState(listener: (state: SlotState) => void): () => void;
}

/** Tells the log and the metrics what the slot does; the function returned ends that. */
export function watchSlot(slot: WatchedSlot, metrics: Metrics, log: Log): () => void {
  let counted = 0;
  let told: string | undefined;
  const outcomes = () => {
    for (const outcome of slot.history) {
      if (outcome.id <= counted) continue;
      counted = outcome.id;
      metrics.swap(outcome);
      log.info(describe(outcome));
    }
  };
  metrics.slot(slot.state);
  return slot.onState((state) => {
    metrics.slot(state);
    log.debug(`slot is ${state.state}${state.model ? ` with ${formatModelId(state.model)}` : ''}`);
    // What becomes of the lease is told by itself.
    const news = state.error && state.error.text !== told && !state.error.code.startsWith('LEASE_');
    if (state.error && news) log.error(`slot: ${state.error.code}: ${state.error.text}`);
    told = state.error?.text;
    outcomes();
  });
}

function describe({ to, requestedBy, result, durations, memory }: SwapOutcome): string {
  const times = Object.entries(durations).map(([stage, ms]) => `${stage} ${Math.round(ms)} ms`);
  const why = memory?.text === undefined ? '' : `; the old model went first: ${memory.text}`;
  return `model ${to} (asked for by ${requestedBy}): ${result}${times.length > 0 ? `; ${times.join(', ')}` : ''}${why}`;
}
