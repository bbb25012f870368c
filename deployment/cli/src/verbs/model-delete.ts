import type { ModelId } from '@edgeslot/scoring/model';
import type { Command } from 'commander';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { requireModelId } from './model-show.js';

export function addModelDelete(model: Command, context: Context): void {
  withModels(model.command('delete'))
    .description('delete one version of a model that nothing uses')
    .argument('<id>', 'name (its latest version) or name:version')
    .action(async (id: string, options: WhereModels) => {
      requireModelId(id, await import('@edgeslot/scoring/model'));
      const { deleteModel } = await import('@edgeslot/model-tools');
      const { modelUsers } = await import('../model-users.js');
      const modelsDir = modelsDirOf(options);
      const usersOf = (wanted: ModelId) => modelUsers(options.state, modelsDir, wanted);
      context.out(`Deleted ${await deleteModel(modelsDir, id, { usersOf })}`);
    });
}
