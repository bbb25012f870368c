import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';

interface Options extends WhereModels {
  readonly json?: boolean;
}

export function addModelShow(model: Command, context: Context): void {
  withModels(model.command('show'))
    .description('show what a package says of itself')
    .argument('<id>', 'name (its latest version) or name:version')
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: Options) => {
      const { findModel } = await import('@edgeslot/model-tools');
      const { modelRows, sourceRows } = await import('../story/model-table.js');
      requireModelId(id, await import('@edgeslot/scoring/model'));
      const { manifest, source } = await findModel(modelsDirOf(options), id);
      if (options.json) context.out(JSON.stringify(manifest ?? source, null, 2));
      else for (const line of manifest ? modelRows(manifest) : sourceRows(source!)) context.out(line);
    });
}

/** Refuses a text that is no model id as wrong usage, before anything is read. */
export function requireModelId(
  id: string,
  { parseModelReference }: { parseModelReference: (text: string) => unknown },
): void {
  if (!parseModelReference(id)) throw usageError(`"${id}" is no model id; expected name or name:version`);
}
