import { composeServer, type ScoringServer, type ServerDependencies } from './compose-server.js';
import type { Config } from './config/index.js';
import { reviveScoringError, scoringError } from './errors.js';
import { formatModelId } from './model/model-id.js';

export type { ScoringServer, ServerDependencies } from './compose-server.js';
export { type Config, type ConfigSources, loadConfig } from './config/index.js';
export { ScoringError } from './errors.js';

export interface StartOptions extends ServerDependencies {
  /** Where the line goes that says the model is AVAILABLE; standard output by default. */
  readonly print?: (line: string) => void;
  /** Ends a start that still loads. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the scoring server without a hub: resolves once the configured model is AVAILABLE.
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
  const outcome = await server.firstModel!;
  signal?.removeEventListener('abort', stop);
  if (outcome.result !== 'loaded' && outcome.result !== 'unchanged') {
    await server.stop();
    throw reviveScoringError({
      code: outcome.error?.code ?? 'STOPPING',
      message: outcome.error?.text ?? outcome.result,
    });
  }
  print(listeningLine(server));
  return server;
}

/** The one line that says where the doors are; printed once a model is AVAILABLE. */
export function listeningLine({ addresses: { grpc, http, metrics }, slot, selection }: ScoringServer): string {
  const model = slot.state.model ? formatModelId(slot.state.model) : 'none';
  return `listening grpc=${grpc} http=${http} metrics=${metrics} model=${model} device=${selection.device.info.kind}`;
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
