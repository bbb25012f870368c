import type { Command } from 'commander';
import { usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { readJsonArgument } from '../json-argument.js';
import { withState } from '../options.js';
import { isRecord } from '../story/frame-message.js';

export function addTwin(program: Command, context: Context): void {
  const twin = program
    .command('twin')
    .summary("a module's twin; change what is desired")
    .description("read a module's twin, or change its desired properties")
    .helpCommand(false);
  withState(twin.command('get'))
    .description('print the twin as JSON')
    .argument('<module>', 'its name, e.g. camera')
    .action(async (module: string, options: { state: string }) => {
      const control = await requireRuntime(options.state);
      context.out(JSON.stringify(await control.twin(module), null, 2));
    });
  withState(twin.command('patch'))
    .description('merge a JSON object into the desired properties; null removes')
    .argument('<module>', 'its name, e.g. camera')
    .argument('<patch>', 'JSON object, e.g. \'{"rate": 5}\', or @FILE')
    .action(async (module: string, patch: string, options: { state: string }) => {
      const desired = await readJsonArgument(patch, 'the patch');
      if (!isRecord(desired))
        throw usageError('the patch must be a JSON object, e.g. \'{"telemetry":{"enabled":false}}\'');
      const control = await requireRuntime(options.state);
      const { properties } = await control.patchTwin(module, desired);
      context.out(JSON.stringify(properties.desired, null, 2));
    });
}
