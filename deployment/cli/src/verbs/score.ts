import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ModuleStatus } from '@edgeslot/edge-runtime';
import type { Command } from 'commander';
import { CliError, errorCode, errorText } from '../cli-error.js';
import type { Context } from '../context.js';
import { hostAndPort, positiveInteger, withState } from '../options.js';
import { stateText } from '../story/status-table.js';
import { printable } from '../story/style.js';

/** Long enough to ride out a model swap, short enough for a person who mistyped the address. */
const RETRY_DELAYS_MS = [500, 1000, 2000, 4000];

interface ScoreOptions {
  readonly address?: string;
  readonly top: number;
  readonly model?: string;
  readonly labels?: string;
  readonly models?: string;
  readonly state: string;
}

export function addScore(program: Command, context: Context): void {
  withState(program.command('score'))
    .summary('score pictures, best five answers each')
    .description(
      'score pictures over gRPC: `LABEL confidence: P`, best first; the model that answered goes to standard error',
    )
    .argument('<photo...>', 'JPEG, PNG or GIF files')
    .option(
      '--address <host:port>',
      "gRPC address (default: the running runtime's scoring module, else 127.0.0.1:50051)",
      hostAndPort,
    )
    .option('--top <n>', 'answers per picture', positiveInteger, 5)
    .option('--model <id>', 'ask for this model; by default the one that is loaded answers')
    .option('--labels <file>', 'one label per line; by default those of the package in the models directory')
    .option('--models <dir>', 'models directory to find labels in (default: models in the state directory)')
    .action(async (photos: string[], options: ScoreOptions) => {
      context.exitCode = await score(photos, options, context);
    });
}

/** Every picture is tried; exit code 1 when one of them could not be scored. */
async function score(photos: readonly string[], options: ScoreOptions, context: Context): Promise<number> {
  const { PredictionClient, topK } = await import('@edgeslot/client');
  const { findLabels, readLabelsFile } = await import('../labels.js');
  const given = options.labels === undefined ? undefined : await readLabelsFile(options.labels);
  const modelsDir = resolve(options.models ?? join(options.state, 'models'));
  const local = options.address === undefined ? await lookForScoring(options.state) : undefined;
  const known = options.address ?? local?.address;
  const address = known ?? '127.0.0.1:50051';
  const client = new PredictionClient({
    address,
    // Nothing runs on this state directory: there is no swap to ride out.
    retryDelaysMs: known === undefined || local?.state ? [] : RETRY_DELAYS_MS,
    ...(options.model !== undefined && { model: options.model }),
  });
  let failed = 0;
  try {
    for (const photo of photos) {
      try {
        const bytes = await readPhoto(photo);
        const { model, outputs } = await client.scoreImage(bytes).catch(async (error) => {
          const now = options.address === undefined ? await lookForScoring(options.state) : undefined;
          throw explain(error, address, now ?? local);
        });
        const [output, ...more] = outputs.values();
        if (more.length > 0) {
          const id = `${model.name}:${model.version}`;
          throw new CliError(
            `${id} answered ${outputs.size} tensors, as detectors do; this command shows class scores`,
          );
        }
        if (!output) throw new CliError(`${address} answered without an output`);
        const labels = given ?? (await findLabels(modelsDir, model));
        context.note(
          `${photo}: ${model.name}:${model.version}${labels.length > 0 ? '' : ' (labels unknown: name them with --labels FILE, or the package with --models DIR)'}`,
        );
        for (const { label, confidence } of topK(output.data, options.top, labels)) {
          context.out(`${printable(label)} confidence: ${confidence.toFixed(4)}`);
        }
      } catch (error) {
        failed++;
        context.note(`edgeslot: ${photo}: ${errorText(error)}`);
        if (isUnreachable(error)) break;
      }
    }
  } finally {
    client.close();
  }
  return failed === 0 ? 0 : 1;
}

interface LocalScoring {
  readonly name: string;
  /** Where the gRPC port is published. */
  readonly address?: string;
  /** How it is, when it does not run. */
  readonly state?: string;
}

/** The scoring module of the runtime on this state directory, if one runs. */
async function lookForScoring(state: string): Promise<LocalScoring | undefined> {
  const { connectControl } = await import('@edgeslot/edge-runtime/control-client');
  const control = await connectControl(resolve(state)).catch(() => undefined);
  const modules = (await control?.status().catch(() => undefined))?.modules ?? [];
  const portOf = (module: ModuleStatus) => module.ports.find(({ container }) => container === '50051/tcp')?.host;
  const module =
    modules.find((each) => portOf(each) !== undefined) ?? modules.find(({ image }) => /(^|\/)scoring(:|$)/.test(image));
  if (!module) return undefined;
  const address = portOf(module)?.replace(/^0\.0\.0\.0:/, '127.0.0.1:');
  return {
    name: module.name,
    ...(address !== undefined && { address }),
    ...(module.runtimeStatus !== 'running' && { state: stateText(module.runtimeStatus) }),
  };
}

async function readPhoto(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = errorCode(error);
    throw new CliError(
      code === 'ENOENT'
        ? 'the file does not exist'
        : code === 'EISDIR'
          ? 'is a folder; expected a picture'
          : `cannot be read (${code})`,
    );
  }
}

class Unreachable extends CliError {}

function explain(error: unknown, address: string, local: LocalScoring | undefined): Error {
  if (errorCode(error) !== 'UNAVAILABLE') return error as Error;
  if (local?.state !== undefined) {
    return new Unreachable(
      `the runtime runs, but its module ${local.name} is ${local.state}: \`npx edgeslot status\` and \`npx edgeslot logs ${local.name}\` say why`,
    );
  }
  if (!/ECONN|ENOTFOUND|EHOSTUNREACH|No connection|name resolution/i.test(errorText(error))) return error as Error;
  if (local) {
    return new Unreachable(
      `the runtime runs, but its module ${local.name} does not answer${local.address === undefined ? ': its port 50051 is not published' : ` on ${local.address} yet: try again shortly`}`,
    );
  }
  return new Unreachable(
    `nothing answers on ${address}: start it with \`npm start\`, or name another address with --address HOST:PORT`,
  );
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Unreachable;
}
