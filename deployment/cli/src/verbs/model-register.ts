import type { Command } from 'commander';
import { CliError, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { readLabelsFile } from '../labels.js';
import { collect, modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { readRecipe } from '../recipe-option.js';
import { printable } from '../story/style.js';
import { readTags } from '../tags.js';

interface Options extends WhereModels {
  readonly name: string;
  readonly tag?: readonly string[];
  readonly description?: string;
  readonly split?: string;
  readonly recipe?: string;
  readonly labels?: string;
}

export function addModelRegister(model: Command, context: Context): void {
  withModels(model.command('register'))
    .description('register a package, an ONNX file or a TensorFlow SavedModel as a new version')
    .argument('<path>', 'package directory, ONNX file, or SavedModel directory')
    .requiredOption('--name <name>', 'name of the model')
    .option('--tag <k=v>', 'a tag; may be given several times', collect)
    .option('--description <text>', 'what the model is')
    .option('--split <tensor>', 'ONNX: where the classifier begins (default: the input of the last Gemm or MatMul)')
    .option('--recipe <recipe>', 'ONNX: how pictures are prepared: FILE.json or the name of a recipe')
    .option('--labels <file>', 'ONNX: one label per line')
    .action(async (path: string, options: Options) => {
      const { checkModelName, ModelPathError, registerModel } = await import('@edgeslot/model-tools');
      const tags = readTags(options.tag);
      checked(() => checkModelName(options.name));
      const recipe = options.recipe === undefined ? undefined : await readRecipe(options.recipe);
      const labels = options.labels === undefined ? undefined : await readLabelsFile(options.labels);
      context.out(`Registering model ${options.name}`);
      const { manifest, servable, notes } = await registerModel({
        modelsDir: modelsDirOf(options),
        path,
        name: options.name,
        tags,
        ...(options.description !== undefined && { description: options.description }),
        ...(options.split !== undefined && { split: options.split }),
        ...(recipe && { recipe }),
        ...(labels && { labels }),
      }).catch((error) => {
        if (error instanceof RangeError) throw usageError(errorText(error));
        if (error instanceof ModelPathError) throw new CliError(error.message);
        throw error;
      });
      for (const note of notes) context.note(printable(note));
      context.out(registeredLine(manifest));
      if (!servable)
        context.out('It is a TensorFlow SavedModel, kept as source for `convert`: it is not servable as it is');
    });
}

function checked(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw usageError(errorText(error));
  }
}

/** The line that the original's notebooks print. */
export function registeredLine(model: { name: string; description?: string; version: number }): string {
  return ['Successfully registered: ', model.name, printable(model.description ?? ''), model.version].join('\t');
}
