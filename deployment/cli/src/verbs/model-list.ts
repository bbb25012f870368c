import type { RegisteredModel } from '@edgeslot/model-tools';
import type { Command } from 'commander';
import { CliError, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { collect, modelsDirOf, type WhereModels, withModels } from '../models-dir.js';

interface Options extends WhereModels {
  readonly tag?: readonly string[];
  readonly json?: boolean;
}

export function addModelList(model: Command, context: Context): void {
  withModels(model.command('list'))
    .description('list the models, latest version last')
    .option('--tag <k[=v]>', 'only those with this tag; several must all fit', collect)
    .option('--json', 'print it as JSON')
    .action(async (options: Options) => {
      for (const tag of options.tag ?? []) {
        if (/^(=|$)/.test(tag)) throw usageError(`--tag ${JSON.stringify(tag)}: expected k or k=v`);
      }
      const { listModels } = await import('@edgeslot/model-tools');
      const { modelTable } = await import('../story/model-table.js');
      const all = await listModels(modelsDirOf(options)).catch((error) => {
        throw new CliError(
          `${errorText(error)}; make the demo models with \`npm start\`, or name a directory with --models DIR`,
        );
      });
      const models = all.filter((one) => (options.tag ?? []).every((tag) => hasTag(one, tag)));
      if (models.length === 0 && all.length > 0 && !options.json) {
        context.out(`none of the ${all.length} models here has ${(options.tag ?? []).join(' and ')}`);
        return;
      }
      if (options.json) context.out(JSON.stringify(models.map(listed), null, 2));
      else for (const line of modelTable(context.paint, models)) context.out(line);
    });
}

function hasTag({ manifest, source }: RegisteredModel, wanted: string): boolean {
  const tags = (manifest ?? source)?.tags ?? {};
  const [key = '', ...value] = wanted.split('=');
  return Object.hasOwn(tags, key) && (value.length === 0 || tags[key] === value.join('='));
}

function listed({ id, manifest, source, fault }: RegisteredModel): unknown {
  return manifest ?? source ?? { id, fault };
}
