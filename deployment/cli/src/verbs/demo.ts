import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { CHECKOUT, DEMO_MANIFEST, DEVICE_IMAGES, DEVICE_MODELS, shortPath } from '../checkout.js';
import { usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { readTextFile } from '../manifest-file.js';
import { frameRate, listenAddress, positiveInteger, positiveNumber, withState } from '../options.js';

interface DemoOptions {
  readonly state: string;
  readonly host: string;
  readonly manifest: string;
  readonly models?: string;
  readonly images?: string;
  readonly frames?: number;
  readonly rate?: number;
  readonly timeout?: number;
  readonly summary?: string;
}

export function addDemo(program: Command, context: Context): void {
  withState(program.command('demo'))
    .summary('what `npm start` runs: demo models, runtime, frames')
    .description(
      'make the demo models, start the local Edge runtime and show frames being scored (what `npm start` runs)',
    )
    .option('--images <dir>', "score this folder's pictures instead of the synthetic belt")
    .option('--frames <n>', 'end once n frames are scored', positiveInteger)
    .option('--timeout <seconds>', 'how long --frames may take once the models exist (default: 120)', positiveNumber)
    .option('--summary <file>', 'write what was counted as JSON when the run ends')
    .option('--rate <n>', 'frames per second, at most 100', frameRate)
    .option(
      '--host <address>',
      'where published ports listen; `auto`: an own loopback address',
      listenAddress,
      '127.0.0.1',
    )
    .option('--models <dir>', 'models directory (default: models in the state directory)')
    .addOption(new Option('--manifest <file>', 'deployment manifest').default(DEMO_MANIFEST, "the demo's"))
    .action(async (options: DemoOptions) => {
      context.exitCode = await demo(options, context);
    });
}

async function demo(options: DemoOptions, context: Context): Promise<number> {
  const { StopSignals } = await import('../session/stop-signals.js');
  const signals = new StopSignals();
  try {
    return await run(options, context, signals);
  } catch (error) {
    if ((error as Error).name !== 'Interrupted') throw error;
    context.out('stopped before the demo models were made; the next start begins them again');
    return 0;
  } finally {
    signals.dispose();
  }
}

async function run(
  options: DemoOptions,
  context: Context,
  signals: import('../session/stop-signals.js').StopSignals,
): Promise<number> {
  const { checkImagesFolder } = await import('../session/images-folder.js');
  const { changeDemoManifest } = await import('../session/demo-manifest.js');
  const { checkSummaryFile } = await import('../summary/summary-file.js');
  const { makeDemoModels, modelLines } = await import('../session/demo-models.js');
  const { startRuntimeSession } = await import('../session/start-session.js');
  const { StoryTerminal } = await import('../story/terminal.js');
  const { storyLine, underLine, wrap } = await import('../story/columns.js');

  if (options.timeout !== undefined && options.frames === undefined)
    throw usageError('--timeout bounds how long --frames N may take: name both, or leave it out');
  if (options.summary !== undefined) await checkSummaryFile(options.summary);
  const terminal = new StoryTerminal(context.stdout, context.env);
  const images = options.images === undefined ? undefined : await checkImagesFolder(options.images);
  const source = shortPath(resolve(options.manifest));
  const manifest = changeDemoManifest(
    await readTextFile(options.manifest, '--manifest'),
    { ...(images && { imagesPath: DEVICE_IMAGES }), ...(options.rate !== undefined && { rate: options.rate }) },
    source,
  );
  return startRuntimeSession({
    stateDir: options.state,
    ...(options.models !== undefined && { modelsDir: options.models }),
    terminal,
    signals,
    before: async (modelsDir) => {
      const models = await makeDemoModels(options.state, modelsDir, terminal, signals.stop);
      const lines = modelLines(models)
        .flatMap((line) => wrap(line, terminal.textColumns))
        .map((line, row) => (row === 0 ? storyLine(terminal.paint, new Date(), 'models', line) : underLine(line)));
      terminal.print(lines);
      if (images) {
        const note =
          'the demo models were trained on the synthetic belt: their labels mean nothing for your own pictures';
        terminal.print([
          storyLine(terminal.paint, new Date(), 'images', images),
          underLine(terminal.paint('warn', note)),
        ]);
      }
    },
    runtime: {
      manifest,
      source,
      modulesRoot: CHECKOUT,
      hostAddress: options.host,
      hostPaths: images ? { [DEVICE_IMAGES]: images } : {},
    },
    modelsPath: DEVICE_MODELS,
    logSeverity: 4,
    endOnFailure: true,
    ...(options.frames !== undefined && {
      goal: { frames: options.frames, timeoutMs: (options.timeout ?? 120) * 1000 },
    }),
    ...(options.summary !== undefined && { summaryFile: resolve(options.summary) }),
  });
}
