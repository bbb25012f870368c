import { resolve } from 'node:path';
import type { ModelId } from '@edgeslot/scoring/model';
import type { Command } from 'commander';
import { shortPath } from '../checkout.js';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { readSlot } from '../story/reported-twin.js';
import { requireModelId } from './model-show.js';

export function addModelDelete(model: Command, context: Context): void {
  withModels(model.command('delete'))
    .description('delete one version of a model that nothing uses')
    .argument('<id>', 'name (its latest version) or name:version')
    .action(async (id: string, options: WhereModels) => {
      requireModelId(id, await import('@edgeslot/scoring/model'));
      const { deleteModel } = await import('@edgeslot/model-tools');
      const usersOf = (wanted: ModelId) => slotsThatHold(options.state, wanted);
      context.out(`Deleted ${await deleteModel(modelsDirOf(options), id, { usersOf })}`);
    });
}

/** Modules of the runtime on this state directory whose slot holds the model, or is about to. */
async function slotsThatHold(state: string, { name, version }: ModelId): Promise<string[]> {
  const { connectControl } = await import('@edgeslot/edge-runtime/control-client');
  const control = await connectControl(resolve(state)).catch((error) => {
    if ((error as Error).name === 'NoRuntimeError') return undefined;
    throw error;
  });
  if (!control) return [];
  const users: string[] = [];
  for (const module of (await control.status()).modules) {
    const twin = await control.twin(module.name).catch(() => undefined);
    const slot = readSlot(twin?.properties.reported);
    if (slot?.model === `${name}:${version}` && slot.state !== 'END') {
      users.push(`the slot of module ${module.name} (runtime on ${shortPath(resolve(state))}, ${slot.state})`);
    }
  }
  return users;
}
