import { type RunningCommand, startEdgeslot } from './run-command.js';
import { waitFor } from './wait-for.js';

/** `edgeslot serve` on free ports, as its own process. */
export interface ScoringServer {
  readonly command: RunningCommand;
  readonly grpc: string;
  readonly http: string;
  readonly metrics: string;
  readonly line: string;
}

const LISTENING = /^listening grpc=(\S+) http=(\S+) metrics=(\S+) model=\S+ device=\S+$/m;

export async function startScoringServer(
  modelsDir: string,
  model: string,
  args: readonly string[] = [],
  boundMs?: number,
): Promise<ScoringServer> {
  const command = startEdgeslot([
    ...['serve', '--models', modelsDir, '--model', model],
    ...['--grpc-port', '0', '--http-port', '0', '--metrics-port', '0', ...args],
  ]);
  const isListening = () => {
    if (!command.running) throw new Error(`serve ended early\n${command.output}`);
    return LISTENING.exec(command.stdout) ?? undefined;
  };
  const match = await waitFor('the listening line', isListening, boundMs).catch(async (error: unknown) => {
    await command.stop();
    throw error;
  });
  return { command, line: match[0], grpc: match[1]!, http: match[2]!, metrics: match[3]! };
}
