import type { ModuleRuntimeStatus } from '../control/control-api.js';
import type { ModuleSpec } from '../manifest/deployment.js';

export type AgentEventKind =
  | 'creating'
  | 'started'
  | 'stopping'
  | 'stopped'
  | 'exited'
  | 'backoff'
  | 'failed'
  | 'removed';

/** What the agent knows of one module. Times are milliseconds since the epoch. */
export interface ModuleRecord {
  readonly spec: ModuleSpec;
  readonly created: boolean;
  readonly started: boolean;
  readonly running: boolean;
  readonly runtimeStatus: ModuleRuntimeStatus;
  readonly description: string;
  readonly restartCount: number;
  readonly exitCode: number;
  readonly lastStartTime?: number;
  readonly lastExitTime?: number;
  readonly lastRestartTime?: number;
}

/** The agent's own copy, with the restart that is due. */
export type MutableRecord = { -readonly [K in keyof ModuleRecord]: ModuleRecord[K] } & {
  nextRestart?: { at: number; counted: boolean };
};

export function newRecord(spec: ModuleSpec): MutableRecord {
  return {
    spec,
    created: false,
    started: false,
    running: false,
    runtimeStatus: 'stopped',
    description: 'created',
    restartCount: 0,
    exitCode: 0,
  };
}
