import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { stateOption } from './options.js';

export interface WhereModels {
  readonly state: string;
  readonly models?: string;
}

/** `--state DIR` and `--models DIR`, which every verb that works on the registry has. */
export function withModels(command: Command): Command {
  return command
    .addOption(stateOption())
    .option('--models <dir>', 'models directory (default: models in the state directory)');
}

export function modelsDirOf({ models, state }: WhereModels): string {
  return resolve(models ?? join(state, 'models'));
}

/** Gathers `k=v` of an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
