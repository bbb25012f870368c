import type { Command } from 'commander';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { formatBytes } from '../story/columns.js';
import { requireModelId } from './model-show.js';

export function addModelVerify(model: Command, context: Context): void {
  withModels(model.command('verify'))
    .description('check a package as it is checked before it is loaded: manifest, digests, graphs')
    .argument('<id>', 'name (its latest version) or name:version')
    .action(async (id: string, options: WhereModels) => {
      requireModelId(id, await import('@edgeslot/scoring/model'));
      const { verifyModel } = await import('@edgeslot/model-tools');
      const verified = await verifyModel(modelsDirOf(options), id);
      const files = Object.keys((verified.manifest ?? verified.source)!.files).length;
      const kind = verified.source ? 'TensorFlow SavedModel, kept for `convert`: whole, but not servable' : 'whole';
      context.out(`${verified.id}: ${kind}; ${files} files, ${formatBytes(verified.bytes!)}`);
    });
}
