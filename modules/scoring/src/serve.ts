import { composeServer, type ScoringServer, type ServerDependencies } from './compose-server.js';
import type { Config } from './config/index.js';
import { reviveScoringError, type ScoringError, scoringError } from './errors.js';
import { formatModelId } from './model/model-id.js';

export type { ScoringServer, ServerDependencies } from './compose-server.js';
export { type Config, type ConfigSources, loadConfig } from './config/index.js';
export { ScoringError } from './errors.js';

/** What says nothing of the model. */
const DEVICE_ELSEWHERE: readonly string[] = ['LEASE_BUSY', 'LEASE_HANDED_OVER'];

export interface StartOptions extends ServerDependencies {
  /** Where the line goes that says the model is AVAILABLE; standard output by default. */
  readonly print?: (line: string) => void;
  /** Ends a start that still loads. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the scoring server without a hub: resolves once the configured model is AVAILABLE. While another module holds the
 * device, that is waited for: the ports answer UNAVAILABLE meanwhile.
 *
 * @throws ScoringError CONFIG_INVALID without a model, PORT_TAKEN, DEVICE_NONE, or why the model cannot be loaded
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<ScoringServer> {
  const { print = printLine, signal, ...deps } = options;
  if (!config.model) {
    throw scoringError('CONFIG_INVALID', 'MODEL_NAME (--model): is missing; expected a model id, name or name:version');
  }
  signal?.throwIfAborted();
  const server = await composeServer(config, deps);
  const stop = () => void server.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const failure = await firstFailure(server, signal);
  signal?.removeEventListener('abort', stop);
  if (failure) {
    await server.stop();
    throw failure;
  }
  print(listeningLine(server));
  return server;
}

/** Why the configured model cannot be loaded; nothing once it is AVAILABLE. */
async function firstFailure(
  { firstModel, slot }: ScoringServer,
  signal: AbortSignal | undefined,
): Promise<ScoringError | undefined> {
  const { result, error } = await firstModel!;
  if (result === 'loaded' || result === 'unchanged') return undefined;
  const why = error ?? { code: 'STOPPING', text: result };
  if (!DEVICE_ELSEWHERE.includes(why.code)) return reviveScoringError({ code: why.code, message: why.text });
  return new Promise((resolve) => {
    const look = () => {
      const { state, error: newest } = slot.state;
      if (signal?.aborted) resolve(scoringError('STOPPING'));
      if (state !== 'AVAILABLE' && (state !== 'END' || !newest || DEVICE_ELSEWHERE.includes(newest.code))) return;
      end();
      resolve(state === 'AVAILABLE' ? undefined : reviveScoringError({ code: newest!.code, message: newest!.text }));
    };
    const end = slot.onState(look);
    look();
  });
}

/** The one line that says where the doors are; printed once a model is AVAILABLE. */
export function listeningLine({ addresses: { grpc, http, metrics }, slot, selection }: ScoringServer): string {
  const model = slot.state.model ? formatModelId(slot.state.model) : 'none';
  return `listening grpc=${grpc} http=${http} metrics=${metrics} model=${model} device=${selection.device.info.kind}`;
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
