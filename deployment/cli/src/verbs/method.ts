import type { Command } from 'commander';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { readJsonArgument } from '../json-argument.js';
import { positiveInteger, withState } from '../options.js';

export function addMethod(program: Command, context: Context): void {
  withState(program.command('method'))
    .summary('call a direct method of a module')
    .description('call a direct method; the reply is printed, exit code 1 when its status is 400 or more')
    .argument('<module>', 'its name, e.g. scoring')
    .argument('<name>', 'of the method, e.g. ping')
    .argument('[payload]', 'JSON, or @FILE')
    .option('--timeout <seconds>', 'how long to wait for the reply, 5 to 300', positiveInteger, 30)
    .action(
      async (
        module: string,
        name: string,
        payload: string | undefined,
        options: { state: string; timeout: number },
      ) => {
        const value = payload === undefined ? undefined : await readJsonArgument(payload, 'the payload');
        const control = await requireRuntime(options.state);
        const reply = await control.method(module, name, value, { responseTimeoutInSeconds: options.timeout });
        context.out(JSON.stringify(reply, null, 2));
        if (reply.status >= 400) context.exitCode = 1;
      },
    );
}
