import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { waitSeconds, withState } from '../options.js';
import { printable } from '../story/style.js';
import { readSwapReply, swapLines } from '../story/swap-lines.js';

/** The hub's shortest response timeout, and time for an answer to come back. Seconds. */
const SHORTEST_TIMEOUT = 5;
const MARGIN = 5;

interface SwapOptions {
  readonly state: string;
  readonly module: string;
  readonly wait: number;
  readonly json?: boolean;
}

export function addSwap(program: Command, context: Context): void {
  withState(program.command('swap'))
    .summary('put another model into the slot')
    .description(
      'swap the model of a running scoring module; exit code 1 when it is not held in the end. The twin stays as it ' +
        'is: a restart of the module brings its desired model back.',
    )
    .argument('<model>', 'name or name:version')
    .option('--module <name>', 'the scoring module', 'scoring')
    .option('--wait <seconds>', 'how long to wait for the end, 0 to 290; it goes on after that', waitSeconds, 60)
    .option('--json', "print the module's answer as JSON")
    .action(async (model: string, { state, module, wait, json }: SwapOptions) => {
      const control = await requireRuntime(state);
      const timeouts = { responseTimeoutInSeconds: Math.max(SHORTEST_TIMEOUT, Math.ceil(wait) + MARGIN) };
      const { status, payload } = await control.method(
        module,
        'swapModel',
        { model, waitMs: Math.round(wait * 1000) },
        timeouts,
      );
      if (json) context.out(JSON.stringify({ status, payload }, null, 2));
      const reply = readSwapReply(payload);
      const undecided = status === 202;
      if (status >= 400 || (undecided && wait > 0)) {
        if (json) context.exitCode = 1;
        else throw new CliError(`${module}: ${printable(refusalText(reply, undecided, wait))}`);
      } else if (!json) {
        for (const line of swapLines(context.paint, module, reply)) context.out(line);
      }
    });
}

function refusalText(
  { message, serving, state }: ReturnType<typeof readSwapReply>,
  undecided: boolean,
  wait: number,
): string {
  if (undecided) return `${message}, after ${wait} s; see \`npx edgeslot status\``;
  if (state === undefined) return message;
  return `${message}; ${state === 'AVAILABLE' && serving ? `${serving} serves` : `the slot is ${state}`}`;
}
