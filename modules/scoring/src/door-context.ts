import type { Log } from '@edgeslot/edge-module/log';
import type { LiveSections } from './config/desired.js';
import type { ModelReference } from './model/model-id.js';
import type { Package } from './model/package.js';
import type { Metrics } from './observe/metrics.js';
import type { Scorer } from './scoring/scorer.js';
import type { Readiness } from './slot/readiness.js';
import type { SlotState, SwapOutcome } from './slot/slot-state.js';

/** What a door may see of the slot beyond its state, and ask of it. */
export interface SlotControl {
  /**
   * Wishes for a model; resolves with how the wish ended.
   * @throws ScoringError SLOT_NOT_AVAILABLE while the module starts
   */
  aspire(reference: ModelReference, requestedBy: string): Promise<SwapOutcome>;
  /** The model that is wished for and not yet decided upon. */
  readonly pending: ModelReference | undefined;
  /** Ends of the latest wishes, oldest first. */
  readonly history: readonly SwapOutcome[];
}

/** All that a door may know of the house. */
export interface DoorContext {
  readonly scorer: Scorer;
  /** The loaded package; none while the slot is empty. */
  readonly model: () => Package | undefined;
  readonly state: () => SlotState;
  readonly control: SlotControl;
  /** Whether health checks should send calls here; a short swap is no reason not to. */
  readonly readiness: Pick<Readiness, 'ready' | 'onChange'>;
  /** The models directory. */
  readonly modelBasePath: string;
  readonly deviceKind: () => string;
  readonly settings: LiveSections;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Largest message or body, in bytes. */
  readonly maxMessageBytes: number;
}

/** How long a caller that was sent away should wait: a queue empties and a model swaps within about that time. */
export const RETRY_AFTER_MS = 1000;
