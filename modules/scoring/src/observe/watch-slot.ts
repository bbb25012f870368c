import type { Log } from '@edgeslot/edge-module/log';
import { formatModelId } from '../model/model-id.js';
import type { SlotState, SwapOutcome } from '../slot/slot-state.js';
import type { Metrics } from './metrics.js';

/** As much of a slot as is watched. */
export interface WatchedSlot {
  readonly state: SlotState;
  onState(listener: (state: SlotState) => void): () => void;
  onOutcome(listener: (outcome: SwapOutcome) => void): () => void;
}

/** Tells the log and the metrics what the slot does; the function returned ends that. */
export function watchSlot(slot: WatchedSlot, metrics: Metrics, log: Log): () => void {
  let told: string | undefined;
  metrics.slot(slot.state);
  const detach = [
    slot.onState((state) => {
      metrics.slot(state);
      log.debug(`slot is ${state.state}${state.model ? ` with ${formatModelId(state.model)}` : ''}`);
      // What becomes of the lease is told by itself.
      const news = state.error && state.error.text !== told && !state.error.code.startsWith('LEASE_');
      if (state.error && news) log.error(`slot: ${state.error.code}: ${state.error.text}`);
      told = state.error?.text;
    }),
    slot.onOutcome((outcome) => {
      metrics.swap(outcome);
      log.info(describe(outcome));
    }),
  ];
  return () => {
    for (const end of detach) end();
  };
}

function describe({ to, requestedBy, result, durations, memory }: SwapOutcome): string {
  const times = Object.entries(durations).map(([stage, ms]) => `${stage} ${Math.round(ms)} ms`);
  const why = memory?.text === undefined ? '' : `; the old model went first: ${memory.text}`;
  return `model ${to} (asked for by ${requestedBy}): ${result}${times.length > 0 ? `; ${times.join(', ')}` : ''}${why}`;
}
