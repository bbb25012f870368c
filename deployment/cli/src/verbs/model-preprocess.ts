import { join } from 'node:path';
import type { Recipe } from '@edgeslot/scoring/model';
import type { Command } from 'commander';
import { CliError, errorCode, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { readRecipe } from '../recipe-option.js';
import { printable } from '../story/style.js';
import { requireModelId } from './model-show.js';

interface Options extends WhereModels {
  readonly recipe?: string;
  readonly out: string;
}

export function addModelPreprocess(model: Command, context: Context): void {
  withModels(model.command('preprocess'))
    .summary('write what a model is fed for pictures')
    .description(
      'write what a model is fed for pictures: each tensor as .npy (float32), what the model sees as .png, and refusals to errors.json',
    )
    .usage('[options] <id> <picture...>\n       edgeslot model preprocess [options] --recipe <recipe> <picture...>')
    .argument('<id-or-picture...>', 'a model (not with --recipe), then pictures or folders of pictures')
    .option('--recipe <recipe>', 'FILE.json or the name of a recipe, in place of a model')
    .requiredOption('--out <dir>', 'where to write; made when absent')
    .action(async (items: string[], options: Options) => {
      context.exitCode = await preprocess(items, options, context);
    });
}

/** Every picture is tried; exit code 1 when one of them was refused. */
async function preprocess(items: readonly string[], options: Options, context: Context): Promise<number> {
  const { ERRORS_FILE, preprocessPictures } = await import('@edgeslot/model-tools');
  const { recipe, paths } = await whatAndWhich(items, options);
  const { out } = options;
  const { written, refused, others, shape } = await preprocessPictures({
    recipe,
    paths,
    out,
    onWritten: ({ picture, npy, png }) => context.out(printable(`${picture}: ${npy}, ${png}`)),
    onRefused: ({ code, message }) => context.note(printable(`refused: ${message} (${code})`)),
  }).catch((error) => {
    const code = errorCode(error);
    if (code === 'EEXIST' || code === 'ENOTDIR') throw usageError(`--out ${out}: expected a folder, found a file`);
    throw new CliError(`--out ${out}: ${errorText(error)}`);
  });
  if (others > 0) context.note(`left out, as their names are not those of pictures: ${count(others, 'file')}`);
  const total = written.length + refused.length;
  if (total === 0) throw new CliError(`${paths.join(', ')}: no picture in there; expected .jpg, .png or .gif files`);
  const what = `${written.length} written to ${out} (float32 ${shape.join('x')}, ${recipe.channels})`;
  const rest = refused.length > 0 ? `, ${refused.length} refused (${join(out, ERRORS_FILE)})` : '';
  context.out(printable(`${count(total, 'picture')}: ${what}${rest}`));
  return refused.length > 0 ? 1 : 0;
}

async function whatAndWhich(items: readonly string[], options: Options): Promise<{ recipe: Recipe; paths: string[] }> {
  const { completeRecipe, showModel } = await import('@edgeslot/model-tools');
  if (options.recipe !== undefined) {
    const given = await readRecipe(options.recipe);
    try {
      return { recipe: completeRecipe(given), paths: [...items] };
    } catch (error) {
      throw error instanceof RangeError ? usageError(error.message) : error;
    }
  }
  const [id, ...paths] = items;
  requireModelId(id!, await import('@edgeslot/scoring/model'));
  if (paths.length === 0) {
    throw usageError(`pictures are missing: edgeslot model preprocess ${id} PICTURE… --out DIR`);
  }
  const { manifest } = await showModel(modelsDirOf(options), id!);
  return { recipe: manifest.preprocessing, paths };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
