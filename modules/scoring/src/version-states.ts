import type { DoorContext } from './door-context.js';
import { formatModelId, parseModelReference } from './model/model-id.js';
import type { SlotStateName } from './slot/slot-state.js';

/** Where one version of a model is, in TensorFlow Serving's states. */
export interface VersionState {
  readonly version: number;
  readonly state: SlotStateName;
  /** Catalogue code and text: why the version ended, when it did not just make room for another. */
  readonly error?: { readonly code: string; readonly text: string };
}

type Slot = Pick<DoorContext, 'state' | 'control'>;

/**
 * Every version of a model that the slot has had to do with, the newest first: what it does now, what is wished for, and
 * from the ends of the latest wishes what it gave up or could not load. That is what TensorFlow Serving's
 * `core/servable_state_monitor.h` keeps.
 */
export function versionStates(name: string, { state, control }: Slot): VersionState[] {
  const found = new Map<number, VersionState>();
  const note = (id: string | undefined, state: SlotStateName, error?: VersionState['error']) => {
    const { name: named, version } = (id && parseModelReference(id)) || {};
    if (named !== name || version === undefined) return;
    found.set(version, { version, state, ...(error && { error: { code: error.code, text: error.text } }) });
  };
  // What was held and is no longer the slot's has ended; what still is, is overwritten below.
  for (const { from, to, result, error } of control.history) {
    note(from, 'END');
    if (result !== 'superseded') note(to, 'END', error);
  }
  const now = state();
  const pending = control.pending && formatModelId(control.pending);
  note(now.error?.model, 'END', now.error);
  // A wish that has failed is still open while the last good model is brought back.
  if (now.state !== 'LOADING' || now.error?.model !== pending) note(pending, 'START');
  const current = now.model && formatModelId(now.model);
  note(current, now.state, now.state === 'END' && now.error?.model === current ? now.error : undefined);
  return [...found.values()].sort((a, b) => b.version - a.version);
}
