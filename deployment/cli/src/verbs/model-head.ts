import { resolve } from 'node:path';
import type { TaskProgress } from '@edgeslot/model-tools';
import { type Command, InvalidArgumentError } from 'commander';
import { usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { collect, modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { headLines } from '../story/head-lines.js';
import { printable } from '../story/style.js';
import { readTags } from '../tags.js';
import { registeredLine } from './model-register.js';
import { requireModelId } from './model-show.js';

interface Options extends WhereModels {
  readonly images: string;
  readonly seed: number;
  readonly heldOut: number;
  readonly tag?: readonly string[];
  readonly description?: string;
}

export function addModelHead(model: Command, context: Context): void {
  withModels(model.command('head'))
    .description('train a classifier over the frozen featurizer of a model; registers a new version')
    .argument('<id>', 'name (its latest version) or name:version')
    .requiredOption('--images <dir>', 'a folder with a folder of pictures per class')
    .option('--seed <n>', 'decides which pictures are held out', wholeNumber, 1)
    .option('--held-out <share>', 'share of every class to measure with, not to train on', share, 0.25)
    .option('--tag <k=v>', 'a tag; may be given several times', collect)
    .option('--description <text>', 'what the model is')
    .action(async (id: string, options: Options) => {
      requireModelId(id, await import('@edgeslot/scoring/model'));
      const { makeHead } = await import('@edgeslot/model-tools');
      const made = await makeHead({
        modelsDir: modelsDirOf(options),
        model: id,
        images: resolve(options.images),
        seed: options.seed,
        heldOutShare: options.heldOut,
        tags: readTags(options.tag),
        ...(options.description !== undefined && { description: options.description }),
        onProgress: progressLine(context),
      }).catch((error) => {
        throw error instanceof RangeError ? usageError(error.message) : error;
      });
      for (const reason of made.skipped) context.note(`skipped: ${printable(reason)}`);
      for (const line of headLines(context.paint, made)) context.out(line);
      context.out(registeredLine(made.manifest));
    });
}

/** On a terminal one line that is written over; elsewhere a line for every tenth of the way. */
function progressLine(context: Context): (progress: TaskProgress) => void {
  const { stderr } = context;
  let shown = -1;
  return ({ phase, done, total, cached }) => {
    if (phase !== 'features') return;
    const text = `reading features, ${done} of ${total} pictures${cached > 0 ? ` (${cached} known from before)` : ''}`;
    if (stderr.isTTY) stderr.write(`\r\x1b[2K${text}${done === total ? '\n' : ''}`);
    else if (Math.floor((10 * done) / total) > shown) context.note(text);
    shown = Math.floor((10 * done) / total);
  };
}

function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError('expected a whole number');
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('expected a number between 0 and 1');
}
