import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError, errorText } from '../cli-error.js';
import type { Context } from '../context.js';
import { stateOption } from '../options.js';
import { modelRows, modelTable } from '../story/model-table.js';

interface Where {
  readonly state: string;
  readonly models?: string;
  readonly json?: boolean;
}

export function addModel(program: Command, context: Context): void {
  const model = program.command('model').description('look into the models directory').helpCommand(false);
  const where = (command: Command) =>
    command
      .addOption(stateOption())
      .option('--models <dir>', 'models directory (default: models in the state directory)')
      .option('--json', 'print it as JSON');
  where(model.command('list'))
    .description('list the models, latest version last')
    .action(async (options: Where) => {
      const manifests = await readAll(modelsDirOf(options));
      if (options.json) context.out(JSON.stringify(manifests, null, 2));
      else for (const line of modelTable(context.paint, manifests)) context.out(line);
    });
  where(model.command('show'))
    .description('show what a package says of itself')
    .argument('<id>', 'name or name:version')
    .action(async (id: string, options: Where) => {
      const manifest = await readOne(modelsDirOf(options), id);
      if (options.json) context.out(JSON.stringify(manifest, null, 2));
      else for (const line of modelRows(manifest)) context.out(line);
    });
}

function modelsDirOf({ models, state }: Where): string {
  return resolve(models ?? join(state, 'models'));
}

async function readAll(modelsDir: string) {
  const { listModels } = await import('@edgeslot/scoring/model');
  const models = await listModels(modelsDir).catch((error) => {
    throw new CliError(
      `${errorText(error)}; make the demo models with \`npm start\`, or name a directory with --models DIR`,
    );
  });
  const ids = models.flatMap(({ name, versions }) => versions.map((version) => ({ name, version })));
  return Promise.all(ids.map((id) => readManifest(modelsDir, id)));
}

async function readOne(modelsDir: string, id: string) {
  const { parseModelReference, resolveModel } = await import('@edgeslot/scoring/model');
  const reference = parseModelReference(id);
  if (!reference) throw new CliError(`"${id}" is no model id; expected name or name:version`, 2);
  return readManifest(modelsDir, await resolveModel(modelsDir, reference));
}

async function readManifest(modelsDir: string, { name, version }: { name: string; version: number }) {
  const { parseManifest } = await import('@edgeslot/scoring/model');
  const file = join(modelsDir, name, String(version), 'model.json');
  const text = await readFile(file, 'utf8').catch((error) => {
    throw new CliError(`${file} cannot be read: ${errorText(error)}`);
  });
  return parseManifest(text, file);
}
