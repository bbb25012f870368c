import type { ModelId } from '../model/model-id.js';

/** TensorFlow Serving's states (`get_model_status.proto`). */
export type SlotStateName = 'START' | 'LOADING' | 'AVAILABLE' | 'UNLOADING' | 'END';

/** What the slot is doing; one object per change, sent to every listener in order. */
export interface SlotState {
  readonly state: SlotStateName;
  /** The model that the state speaks of; none before the first wish. */
  readonly model?: ModelId;
  /** Catalogue code and text of the last failure; stays visible until a load succeeds. */
  readonly error?: { readonly code: string; readonly text: string; readonly model?: string };
  /** ISO 8601 time of the change. */
  readonly since: string;
}

/** A failure that stays visible until its own model serves. */
export interface SlotFailure {
  readonly code: string;
  readonly text: string;
  /** The model that failed: its id, or the reference as it was asked for. */
  readonly model: string;
  /** ISO 8601. */
  readonly at: string;
}

/** How a swap goes about memory: the new model is built beside the old one, or the old one goes first. */
export type SwapMemory = 'prepare' | 'preserve';

/** The recorded end of one wish. Durations are milliseconds. */
export interface SwapOutcome {
  readonly id: number;
  readonly from?: string;
  readonly to: string;
  readonly requestedBy: string;
  readonly result: 'loaded' | 'unchanged' | 'restored' | 'failed' | 'superseded';
  readonly error?: { readonly code: string; readonly text: string };
  /** Of a swap that replaced a model; `text` says why nothing could be prepared. */
  readonly memory?: { readonly mode: SwapMemory; readonly text?: string };
  readonly durations: Readonly<Partial<Record<SwapStage, number>>>;
  readonly at: string;
}

export type SwapStage = 'verify' | 'prepare' | 'drain' | 'unload' | 'load' | 'warmup' | 'blackout';
