/** What the policy sees of the slot. Models are ids, `name:version`. */
export interface SlotSnapshot {
  /** The model on the device, whether it serves or not. */
  readonly onDevice?: string | undefined;
  /** The model that should serve; its package is verified. */
  readonly wanted?: string | undefined;
}

export type SlotAction =
  | { readonly action: 'none' }
  | { readonly action: 'load'; readonly model: string }
  | { readonly action: 'unload'; readonly model: string };

/**
 * The next step towards the wanted model, for a device that holds one: whatever is not wanted is unloaded first, and only
 * an empty device is loaded. The rule is TensorFlow Serving's `resource_preserving_policy.h`. Pure: asking twice gives
 * the same answer.
 */
export function nextAction({ onDevice, wanted }: SlotSnapshot): SlotAction {
  if (onDevice === wanted) return { action: 'none' };
  if (onDevice !== undefined) return { action: 'unload', model: onDevice };
  return wanted === undefined ? { action: 'none' } : { action: 'load', model: wanted };
}
