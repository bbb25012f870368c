import { resolve } from 'node:path';
import type { ControlClient } from '@edgeslot/edge-runtime/control-client';
import { shortPath } from './checkout.js';
import { CliError, errorText } from './cli-error.js';
import { requireReadable } from './state-dir.js';

/** The control API of the runtime on this state directory, or one line that says how to start one. */
export async function requireRuntime(state: string): Promise<ControlClient> {
  const { connectControl } = await import('@edgeslot/edge-runtime/control-client');
  const dir = resolve(state);
  try {
    return await connectControl(dir);
  } catch (error) {
    if ((error as Error).name !== 'NoRuntimeError') throw new CliError(errorText(error), 1, { cause: error });
    await requireReadable(dir);
    throw new CliError(
      `no runtime runs on ${shortPath(dir)}: start one with \`npm start\` or \`npx edgeslot up FILE\`, or name its directory with --state DIR`,
    );
  }
}
