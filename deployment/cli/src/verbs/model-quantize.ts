import { resolve } from 'node:path';
import type { CalibrationMethod, QuantizeProgress } from '@edgeslot/model-tools';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CliError, errorText, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { collect, modelsDirOf, withModels } from '../models-dir.js';
import { positiveInteger } from '../options.js';
import { StopSignals } from '../session/stop-signals.js';
import { progressBar } from '../story/progress-bar.js';
import { quantizeLines } from '../story/quantize-lines.js';
import { printable } from '../story/style.js';
import { StoryTerminal } from '../story/terminal.js';
import { readTags } from '../tags.js';
import { type MsFpVerbOptions, quantizeMsFp } from './model-quantize-ms-fp.js';
import { registeredLine } from './model-register.js';
import { requireModelId } from './model-show.js';

interface Options extends MsFpVerbOptions {
  readonly numerics: 'int8' | 'ms-fp';
  readonly samples: number;
  readonly method: CalibrationMethod;
  readonly weightBits: 7 | 8;
  readonly seed: number;
}

const PHASES: Readonly<Record<Exclude<QuantizeProgress['phase'], 'python'>, string>> = {
  samples: 'preparing pictures',
  prepare: 'folding the network',
  calibrate: 'calibrating',
  compare: 'comparing on held-out pictures',
  time: 'timing',
};

/** Options that only one kind of numbers has. */
const OWN_OPTIONS = {
  int8: ['samples', 'method', 'weightBits', 'seed'],
  'ms-fp': ['format', 'mantissa', 'block', 'activations'],
} as const satisfies Record<Options['numerics'], readonly (keyof Options)[]>;

export function addModelQuantize(model: Command, context: Context): void {
  withModels(model.command('quantize'))
    .summary("make a version with other numbers: int8 for CPUs, or a card's")
    .description(
      'make an int8 version of a model, calibrated on your pictures and measured on others; needs Python 3.11 or newer. ' +
        "With --numerics ms-fp a version with an accelerator card's block floating point, to see what that changes",
    )
    .argument('<id>', 'name (its latest version) or name:version')
    .addOption(
      new Option('--numerics <kind>', 'the numbers of the new version').choices(['int8', 'ms-fp']).default('int8'),
    )
    .option(
      '--images <dir>',
      'pictures as the camera takes them: for int8 10 or more, better 100; for ms-fp to compare on',
    )
    .option('--name <name>', 'name of the model (default: that of the source)')
    .option('--tag <k=v>', 'a tag; may be given several times', collect)
    .option('--samples <n>', 'int8: calibrate on at most so many pictures', positiveInteger, 100)
    .addOption(
      new Option('--method <method>', 'int8: how ranges follow from the pictures')
        .choices(['minmax', 'percentile', 'entropy'])
        .default('minmax'),
    )
    .option('--weight-bits <n>', 'int8: 8, or 7 for CPUs where 8 overflow', weightBits, 8)
    .option('--seed <n>', 'int8: decides which pictures are held out', wholeNumber, 1)
    .option('--format <name>', 'ms-fp: ms-fp8, ms-fp9, ms-fp11 or msfp12 to msfp16', 'ms-fp11')
    .option('--mantissa <bits>', "ms-fp: 2 to 7 bits instead of the format's own", positiveInteger)
    .option('--block <n>', "ms-fp: values that share an exponent, instead of the format's own", positiveInteger)
    .option('--activations', 'ms-fp: round what layers read too, not only their weights')
    .option('--json', 'print what was measured as JSON')
    .action(async (id: string, options: Options, command: Command) => {
      requireModelId(id, await import('@edgeslot/scoring/model'));
      refuseForeign(command, options.numerics);
      if (options.numerics === 'ms-fp') return await quantizeMsFp(context, id, options);
      const { images } = options;
      if (images === undefined) throw usageError('int8 needs pictures to calibrate on: --images DIR');
      await quantize(context, id, { ...options, images });
    });
}

/** An option that would do nothing is refused: whoever gives it expects what it says. */
function refuseForeign(command: Command, numerics: Options['numerics']): void {
  const other = numerics === 'int8' ? 'ms-fp' : 'int8';
  const given = OWN_OPTIONS[other].find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const option = command.options.find((one) => one.attributeName() === given);
  throw usageError(`${option?.long} goes with --numerics ${other}, not with ${numerics}`);
}

async function quantize(context: Context, id: string, options: Options & { readonly images: string }): Promise<void> {
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
