import type { TaskProgress } from '@edgeslot/model-tools';
import type { Command } from 'commander';
import { CliError, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { StopSignals } from '../session/stop-signals.js';
import { progressBar } from '../story/progress-bar.js';
import { StoryTerminal } from '../story/terminal.js';
import { requireModelId } from './model-show.js';

interface Options extends WhereModels {
  readonly images: string;
  readonly json?: boolean;
}

export function addModelCompare(model: Command, context: Context): void {
  withModels(model.command('compare'))
    .summary('run two models over pictures and show how far they agree')
    .description(
      'run two models over the same pictures, as scoring does: top-1 agreement, mean and largest difference, by class of A',
    )
    .argument('<a>', 'name (its latest version) or name:version')
    .argument('<b>', 'the other')
    .requiredOption('--images <dir>', 'a folder of pictures, the folders in it included')
    .option('--json', 'print all of it as JSON')
    .action(async (a: string, b: string, options: Options) => {
      const { images, json } = options;
      await compareAndPrint(context, a, b, { modelsDir: modelsDirOf(options), images, json: json === true });
    });
}

interface CompareChoice {
  readonly modelsDir: string;
  readonly images: string;
  readonly json: boolean;
}

/** Exit code 1 when no picture could be compared. */
export async function compareAndPrint(context: Context, a: string, b: string, choice: CompareChoice): Promise<void> {
  const modelIds = await import('@edgeslot/scoring/model');
  for (const id of [a, b]) requireModelId(id, modelIds);
  const { compareModels, IncomparableError } = await import('@edgeslot/model-tools');
  const { compareLines, failureLines } = await import('../story/compare-lines.js');
  const signals = new StopSignals();
  const terminal = new StoryTerminal(context.stderr, context.env);
  let text = 'opening both models';
  const onProgress = ({ done, total }: TaskProgress) => {
    text = progressBar(done, total, `${done} of ${total} pictures`);
  };
  try {
    terminal.startStatus(() => text, 'compare');
    const { modelsDir, images } = choice;
    const compared = await compareModels({ modelsDir, a, b, images, onProgress, signal: signals.stop });
    terminal.stopStatus();
    for (const line of failureLines(compared)) context.note(line);
    if (choice.json) context.out(JSON.stringify(compared, null, 2));
    else for (const line of compareLines(context.paint, compared)) context.out(line);
    if (compared.pictures === 0) context.exitCode = 1;
  } catch (error) {
    if (signals.stop.aborted) throw new CliError(`stopped by ${signals.stop.reason}`);
    if (error instanceof IncomparableError) throw new CliError(`${a} and ${b} cannot be compared: ${error.message}`);
    throw error instanceof RangeError ? usageError(errorText(error)) : error;
  } finally {
    terminal.stopStatus();
    signals.dispose();
  }
}
