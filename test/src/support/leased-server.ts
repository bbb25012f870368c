import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ScoringServer, startScoringServer } from './scoring-server.js';

/** Settings of `edgeslot serve` for the model `tiny` of `FOLDER/models`, under the lease in `FOLDER/lease`. */
export async function leasedArguments(folder: string): Promise<string[]> {
  await mkdir(join(folder, 'lease'), { recursive: true });
  return ['--device', 'emulator', '--lease', join(folder, 'lease')];
}

/** Such a server, once it serves; killed with the test. */
export async function startLeasedServer(t: TestContext, folder: string): Promise<ScoringServer> {
  const server = await startScoringServer(join(folder, 'models'), 'tiny', await leasedArguments(folder));
  t.after(() => server.command.stop('SIGKILL'));
  return server;
}

export async function readyAnswer({ http }: Pick<ScoringServer, 'http'>): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://${http}/ready`);
  return { status: response.status, text: await response.text() };
}
