import type { ModuleSpec } from '../manifest/deployment.js';

export interface ModuleExit {
  /** 128 + signal number when a signal ended it, as Docker says. */
  readonly code: number;
  readonly description: string;
}

/** What runs modules: processes here; anything that can pull, create, start, stop and remove. Calls for one module never overlap. */
export interface ModuleEngine {
  /** Checks that the image can be had; throws a readable error when not, and then nothing has changed. */
  pull(spec: ModuleSpec): Promise<void>;
  create(spec: ModuleSpec): Promise<void>;
  /** Resolves when the module runs; `onExit` is called once when it ends by itself, never for a stop. */
  start(name: string, onExit: (exit: ModuleExit) => void): Promise<void>;
  /** The module hears of it before this returns its promise; resolves when nothing of the module runs any more. */
  stop(name: string): Promise<ModuleExit>;
  remove(name: string): Promise<void>;
}
