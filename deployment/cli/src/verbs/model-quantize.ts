import { resolve } from 'node:path';
import type { CalibrationMethod, QuantizeProgress } from '@edgeslot/model-tools';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError, errorText } from '../cli-error.js';
import type { Context } from '../context.js';
import { collect, modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { positiveInteger } from '../options.js';
import { StopSignals } from '../session/stop-signals.js';
import { progressBar } from '../story/progress-bar.js';
import { quantizeLines } from '../story/quantize-lines.js';
import { printable } from '../story/style.js';
import { StoryTerminal } from '../story/terminal.js';
import { readTags } from '../tags.js';
import { registeredLine } from './model-register.js';
import { requireModelId } from './model-show.js';

interface Options extends WhereModels {
  readonly images: string;
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly samples: number;
  readonly method: CalibrationMethod;
  readonly weightBits: 7 | 8;
  readonly seed: number;
  readonly json?: boolean;
}

const PHASES: Readonly<Record<Exclude<QuantizeProgress['phase'], 'python'>, string>> = {
  samples: 'preparing pictures',
  prepare: 'folding the network',
  calibrate: 'calibrating',
  compare: 'comparing on held-out pictures',
  time: 'timing',
};

export function addModelQuantize(model: Command, context: Context): void {
  withModels(model.command('quantize'))
    .summary('make an int8 version of a model')
    .description(
      'make an int8 version of a model, calibrated on your pictures and measured on others; needs Python 3.11 or newer',
    )
    .argument('<id>', 'name (its latest version) or name:version')
    .requiredOption('--images <dir>', 'a folder of pictures as the camera takes them: 10 or more, better 100')
    .option('--name <name>', 'name of the model (default: that of the source)')
    .option('--tag <k=v>', 'a tag; may be given several times', collect)
    .option('--samples <n>', 'calibrate on at most so many pictures', positiveInteger, 100)
    .addOption(
      new Option('--method <method>', 'how ranges follow from the pictures')
        .choices(['minmax', 'percentile', 'entropy'])
        .default('minmax'),
    )
    .option('--weight-bits <n>', '8, or 7 for CPUs where 8 overflow', weightBits, 8)
    .option('--seed <n>', 'decides which pictures are held out', wholeNumber, 1)
    .option('--json', 'print what was measured as JSON')
    .action((id: string, options: Options) => quantize(context, id, options));
}

async function quantize(context: Context, id: string, options: Options): Promise<void> {
  requireModelId(id, await import('@edgeslot/scoring/model'));
  const { quantizeModel, PythonError } = await import('@edgeslot/model-tools');
  const tags = readTags(options.tag);
  const { samples, method, seed } = options;
  const signals = new StopSignals();
  const progress = new ProgressLine(context);
  try {
    const made = await quantizeModel({
      modelsDir: modelsDirOf(options),
      model: id,
      images: resolve(options.images),
      ...(options.name !== undefined && { name: options.name }),
      ...{ tags, samples, method, seed, weightBits: options.weightBits, env: context.env },
      onProgress: (now) => progress.show(now),
      signal: signals.stop,
    });
    progress.end();
    const unreadable = [...made.skipped, ...made.compared.failed];
    for (const { reason } of unreadable) context.note(`skipped: ${printable(reason)}`);
    if (options.json) context.out(JSON.stringify(made, null, 2));
    else for (const line of [...quantizeLines(context.paint, made), registeredLine(made.manifest)]) context.out(line);
  } catch (error) {
    if (signals.stop.aborted) throw new CliError(`stopped by ${signals.stop.reason}; nothing was registered`);
    if (error instanceof RangeError) throw new CliError(errorText(error), 2);
    if (error instanceof PythonError) throw new CliError(errorText(error));
    throw error;
  } finally {
    progress.end();
    signals.dispose();
  }
}

/** The status line of a terminal; elsewhere a line for every step, and what the environment is made of. */
class ProgressLine {
  readonly #terminal: StoryTerminal;
  #text = '';
  #phase = '';

  constructor(private readonly context: Context) {
    this.#terminal = new StoryTerminal(context.stderr, context.env);
  }

  show({ phase, done, total, text }: QuantizeProgress): void {
    if (this.#text === '') this.#terminal.startStatus(() => this.#text);
    this.#text = phase === 'python' ? (text ?? '') : progressBar(done, total, `${PHASES[phase]}, ${done} of ${total}`);
    const step = phase === 'python' ? this.#text : PHASES[phase];
    if (!this.#terminal.interactive && step !== this.#phase) this.context.note(step);
    this.#phase = step;
  }

  end(): void {
    this.#terminal.stopStatus();
  }
}

function weightBits(text: string): 7 | 8 {
  if (text === '7') return 7;
  if (text === '8') return 8;
  throw new InvalidArgumentError('expected 7 or 8');
}

function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new InvalidArgumentError('expected a whole number');
}
