import type { Command } from 'commander';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { withState } from '../options.js';

export function addRestart(program: Command, context: Context): void {
  withState(program.command('restart'))
    .summary('stop a module and start it again')
    .description('stop a module and start it again, as the agent’s RestartModule does')
    .argument('<module>', 'its name, e.g. scoring')
    .action(async (module: string, options: { state: string }) => {
      const control = await requireRuntime(options.state);
      await control.restart(module);
      context.out(`restarted ${module}`);
    });
}
