import type { ModelId } from '@edgeslot/scoring/model';
import type { Config } from '@edgeslot/scoring/serve';
import type { Command } from 'commander';
import { CliError, errorText } from '../cli-error.js';
import type { Context } from '../context.js';

const FLAGS = `
Options:
  --models DIR             models directory
  --model ID               model to hold: name or name:version
  --device KIND            auto, catapult or emulator (auto)
  --lanes N                frames computed at once: auto or 1 to 64 (auto); each lane
                           holds the weights once more
  --threads N              threads of each lane: auto or 1 to 64 (auto)
  --swap-memory MODE       prepare builds the next model beside the one that serves
                           when memory allows, preserve never does (prepare)
  --host ADDRESS           address to bind (127.0.0.1)
  --grpc-port N            gRPC port (50051); 0 is any free one
  --http-port N            HTTP port of the cameras (8080)
  --metrics-port N         port of /metrics (9600)
  --max-message-bytes N    largest message and body
  --lease DIR              directory of the lease: of several servers with the same
                           one, only one at a time uses the device
  --card DIR               directory of a virtual card; cards are looked for there
                           instead of in /dev
  --driver-library FILE    the vendor's library, without which a real card runs nothing
  --log-level LEVEL        fatal, error, warning, info, debug, verbose (info)
  -h, --help               show this

The same settings are read from the environment: MODEL_BASE_PATH, MODEL_NAME,
DEVICE, SCORING_LANES, SCORING_THREADS, SWAP_MEMORY, HOST, GRPC_PORT,
HTTP_PORT, METRICS_PORT, LEASE_DIR, CARD_DIR, DRIVER_LIBRARY, RuntimeLogLevel.
There is no key: on any other address than 127.0.0.1 everybody may score.`;

/** The scoring module's own arguments are its own: they are handed on as they stand. */
export function addServe(program: Command, context: Context): void {
  program
    .command('serve')
    .description('run the scoring server alone, without a hub')
    .usage('--models DIR --model ID [options]')
    .helpOption(false)
    .allowUnknownOption()
    .argument('[settings...]')
    .action(async (argv: string[]) => {
      if (argv.includes('--help') || argv.includes('-h')) {
        context.out(`Usage: edgeslot serve --models DIR --model ID [options]\n${FLAGS}`);
        return;
      }
      context.exitCode = await serve(argv, context);
    });
}

async function serve(argv: readonly string[], context: Context): Promise<number> {
  const { StopSignals } = await import('../session/stop-signals.js');
  const { loadConfig, startServer } = await import('@edgeslot/scoring/serve');
  const signals = new StopSignals();
  let forget: (() => Promise<void>) | undefined;
  try {
    const config = readConfig(() => loadConfig({ env: context.env, argv }));
    const model = await pinned(config);
    if (model) forget = await leaveRecord(config.modelBasePath, model, context);
    const server = await startServer({ ...config, ...(model && { model }) }, { signal: signals.stop }).catch(
      (error) => {
        if (signals.stop.aborted) return undefined;
        throw error;
      },
    );
    if (!signals.stop.aborted) {
      await new Promise((resolve) => signals.stop.addEventListener('abort', resolve, { once: true }));
    }
    await server?.stop();
    return 0;
  } finally {
    await forget?.();
    signals.dispose();
  }
}

/** The version that is served from start to end, so that `model delete` can be told it; what is not there, loading says. */
async function pinned({ model, modelBasePath }: Pick<Config, 'model' | 'modelBasePath'>): Promise<ModelId | undefined> {
  const { resolveModel } = await import('@edgeslot/scoring/model');
  return model && (await resolveModel(modelBasePath, model).catch(() => undefined));
}

/** Serving goes on without the record: only `model delete` would not know of it. */
async function leaveRecord(modelsDir: string, model: ModelId, context: Context) {
  const { recordServing } = await import('../serving-processes.js');
  return recordServing(modelsDir, model).catch((error) => {
    context.note(`edgeslot: \`model delete\` will not know that this model is served: ${errorText(error)}`);
    return undefined;
  });
}

function readConfig<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Several findings come one per line.
    throw new CliError(error instanceof Error ? error.message.replaceAll('\n', '\n  ') : errorText(error), 2);
  }
}
