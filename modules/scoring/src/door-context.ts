import type { Log } from '@edgeslot/edge-module/log';
import type { LiveSections } from './config/desired.js';
import type { Package } from './model/package.js';
import type { Metrics } from './observe/metrics.js';
import type { Scorer } from './scoring/scorer.js';
import type { SlotState } from './slot/slot-state.js';

/** All that a door may know of the house. */
export interface DoorContext {
  readonly scorer: Scorer;
  /** The loaded package; none while the slot is empty. */
  readonly model: () => Package | undefined;
  readonly state: () => SlotState;
  readonly deviceKind: () => string;
  readonly settings: LiveSections;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Largest message or body, in bytes. */
  readonly maxMessageBytes: number;
}

/** How long a caller that was sent away should wait: a queue empties and a model swaps within about that time. */
export const RETRY_AFTER_MS = 1000;
