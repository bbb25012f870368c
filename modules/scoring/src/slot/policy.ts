/** What the policy sees of a wish. */
export interface WishView {
  /** The id of its package, once that is verified. */
  readonly target?: string | undefined;
  /** What could be prepared beside the old model is prepared, or cannot be. */
  readonly prepared: boolean;
  /** The target is to be loaded again even when it is on the device. */
  readonly again: boolean;
  readonly loaded: boolean;
  readonly failed: boolean;
  /** Since the wish failed: nothing yet, the last good model was brought back, or that failed too. */
  readonly restored: 'untried' | 'done' | 'failed';
}

/** What the policy sees of the slot. Models are ids, `name:version`. */
export interface SlotView {
  /** The slot is to end. */
  readonly closing: boolean;
  /** The device is to be given to somebody else. */
  readonly yielding: boolean;
  /** The device was given to somebody else: without a wish nothing is loaded. */
  readonly suspended: boolean;
  /** The device may not be used yet: a load would wait for that. */
  readonly gateShut: boolean;
  /** The model on the device, whether it serves or not. */
  readonly onDevice?: string | undefined;
  readonly lastGood?: string | undefined;
  /** The newest, if it has not ended. */
  readonly wish?: WishView | undefined;
  /** What is tried while nothing is wished for and nothing is on the device, best first. */
  readonly candidates: readonly string[];
  /** Those that failed since the last pause. */
  readonly tried: ReadonlySet<string>;
  /** Milliseconds of the pause that are left. */
  readonly pauseMs: number;
}

export type SlotAction =
  /** Nothing to do until something changes, or for `ms` at most. */
  | { readonly do: 'wait'; readonly ms?: number }
  | { readonly do: 'verify' | 'prepare' | 'unload' | 'load' | 'restore' }
  | { readonly do: 'end'; readonly result: 'loaded' | 'unchanged' | 'restored' | 'failed' }
  | { readonly do: 'recover'; readonly model: string }
  /** Everything was tried: wait before it is tried again. */
  | { readonly do: 'pause' }
  | { readonly do: 'hand over' }
  | { readonly do: 'stop' };

/**
 * The next step, for a device that holds one model: whatever is not wanted is unloaded first, and only an empty device is
 * loaded. That rule is TensorFlow Serving's `resource_preserving_policy.h`. Pure: asking twice gives the same answer.
 */
export function nextAction(view: SlotView): SlotAction {
  const { closing, yielding, suspended, onDevice, wish, candidates, tried, pauseMs } = view;
  if (closing || yielding) {
    if (onDevice !== undefined) return { do: 'unload' };
    return { do: closing ? 'stop' : 'hand over' };
  }
  if (wish) return wish.failed ? afterFailure(wish, view) : towards(wish, view);
  if (onDevice !== undefined || suspended || candidates.length === 0) return { do: 'wait' };
  if (pauseMs > 0) return { do: 'wait', ms: pauseMs };
  const model = candidates.find((one) => !tried.has(one));
  return model === undefined ? { do: 'pause' } : { do: 'recover', model };
}

function towards({ target, prepared, again, loaded }: WishView, { onDevice, gateShut }: SlotView): SlotAction {
  if (loaded) return { do: 'end', result: 'loaded' };
  if (target === undefined) return { do: 'verify' };
  // Who has the device serves until it is asked for, so it is asked for as late as possible.
  if (onDevice === undefined) return { do: gateShut && !prepared ? 'prepare' : 'load' };
  if (onDevice === target && !again) return { do: 'end', result: 'unchanged' };
  return { do: prepared ? 'unload' : 'prepare' };
}

/** The old model still serves, or is brought back, or nothing is left. */
function afterFailure({ restored }: WishView, { onDevice, suspended, lastGood }: SlotView): SlotAction {
  if (restored === 'done') return { do: 'end', result: 'restored' };
  const hopeless = onDevice !== undefined || suspended || lastGood === undefined || restored === 'failed';
  return hopeless ? { do: 'end', result: 'failed' } : { do: 'restore' };
}
