import type { CreateProgress } from '@edgeslot/model-tools';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError, errorText } from '../cli-error.js';
import type { Context } from '../context.js';
import { modelsDirOf, type WhereModels, withModels } from '../models-dir.js';
import { StopSignals } from '../session/stop-signals.js';
import { formatBytes } from '../story/columns.js';
import { progressBar } from '../story/progress-bar.js';
import { StoryTerminal } from '../story/terminal.js';

interface CreateOptions extends WhereModels {
  readonly seed: number;
  readonly name?: string;
}

export function addModelCreate(model: Command, context: Context): void {
  withModels(model.command('create'))
    .description('make one of the five networks with seeded weights, and register it')
    .argument('<network>', 'resnet50, resnet152, densenet121, vgg16 or ssdvgg300')
    .option('--seed <n>', 'decides the weights: the same seed gives the same bytes', seedOf, 1)
    .option('--name <name>', 'name of the model (default: that of the network)')
    .action((network: string, options: CreateOptions) => create(context, network, options));
}

async function create(context: Context, network: string, options: CreateOptions): Promise<void> {
  const { createModel } = await import('@edgeslot/model-tools');
  const { seed, name = network } = options;
  const signals = new StopSignals();
  const terminal = new StoryTerminal(context.stderr, context.env);
  let text = '';
  const onProgress = ({ done, total }: CreateProgress) => {
    if (text === '') {
      context.out(`Registering model ${name}`);
      terminal.startStatus(() => text, 'create');
    }
    const what = done < total ? `writing weights, ${formatBytes(done)} of ${formatBytes(total)}` : 'registering';
    text = progressBar(done, total, what);
  };
  try {
    const modelsDir = modelsDirOf(options);
    const made = await createModel({ modelsDir, network, seed, name, onProgress, signal: signals.stop });
    terminal.stopStatus();
    context.out(`Successfully registered: \t ${made.name} \t ${made.description ?? ''} \t ${made.version}`);
  } catch (error) {
    if (signals.stop.aborted) throw new CliError(`stopped by ${signals.stop.reason}; nothing was registered`);
    if (error instanceof RangeError) throw new CliError(error.message, 2);
    throw new CliError(`model ${name} could not be made: ${errorText(error)}`, 1, { cause: error });
  } finally {
    terminal.stopStatus();
    signals.dispose();
  }
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError('expected a whole number of 0 or more');
  }
  return seed;
}
