import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shortPath } from '../checkout.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { withState } from '../options.js';
import { purgeStateDir } from '../state-dir.js';
import { formatBytes } from '../story/columns.js';

/** The modules' stop budget and the hub's, and some. */
const GONE_MS = 60_000;

export function addDown(program: Command, context: Context): void {
  withState(program.command('down'))
    .summary('stop the runtime; --purge removes its state')
    .description('stop the runtime and wait until it has ended')
    .option('--purge', 'then remove its state directory, models included')
    .action(async (options: { state: string; purge?: boolean }) => {
      const dir = resolve(options.state);
      const stopped = await stop(dir);
      context.out(
        stopped === undefined ? `no runtime runs on ${shortPath(dir)}` : `stopped the runtime (pid ${stopped})`,
      );
      if (!options.purge) return;
      const bytes = await purgeStateDir(dir);
      context.out(
        bytes === undefined
          ? `${shortPath(dir)} does not exist`
          : `removed ${shortPath(dir)}: ${formatBytes(bytes)} freed`,
      );
    });
}

/** The pid of the runtime that was stopped; `undefined` when none ran. */
async function stop(dir: string): Promise<number | undefined> {
  const { connectControl } = await import('@edgeslot/edge-runtime/control-client');
  const control = await connectControl(dir).catch((error: Error) => {
    if (error.name === 'NoRuntimeError') return undefined;
    throw error;
  });
  if (!control) return undefined;
  const { runtime } = await control.status();
  await control.stop();
  if (!(await control.gone(GONE_MS))) {
    throw new CliError(
      `the runtime (pid ${runtime.pid}) has not stopped in ${GONE_MS / 1000} s: kill it, then run this again`,
    );
  }
  return runtime.pid;
}
