import type { Twin } from '../control/control-api.js';

export interface TwinChange {
  readonly moduleId: string;
  readonly section: 'desired' | 'reported';
  /** JSON merge patch that leads from the old section to the new one, without `$version`. */
  readonly patch: Readonly<Record<string, unknown>>;
  /** `$version` after the change. */
  readonly version: number;
}

export interface TwinStore {
  /** A module without a twin has an empty one at `$version` 1. */
  get(moduleId: string): Twin;
  /** Replaces the whole desired section; `$version` rises only when something changed. Throws TwinValidationError. */
  replaceDesired(moduleId: string, desired: unknown): Twin;
  /** JSON merge patch (RFC 7386) on desired. Throws TwinValidationError. */
  patchDesired(moduleId: string, patch: unknown): Twin;
  /** JSON merge patch on reported. Throws TwinValidationError. */
  patchReported(moduleId: string, patch: unknown): Twin;
  remove(moduleId: string): Promise<void>;
  /** Called synchronously after each change; returns the way to stop listening. */
  onChange(listener: (change: TwinChange) => void): () => void;
  /** Resolves when everything is on disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export declare function openTwinStore(options: {
  readonly dir: string;
  readonly deviceId: string;
  readonly log?: (line: string) => void;
}): Promise<TwinStore>;
