import { basename } from 'node:path';
import type { CardStatus, StartOptions } from '@edgeslot/card';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { positiveInteger } from '../options.js';

/** Spelled out, so that `--help` does not load the card. */
const DEFAULT_DIRECTORY = '/run/edgeslot-card';

const FAULTS = `
Faults, each for the next TIMES occasions (1):
  timeout [TIMES]         a request is never answered
  exception [TIMES]       the processor stops in a run, until it is reset
  late MS [TIMES]         an answer comes MS later, even when its owner is gone by then
  stale [TIMES]           an answer of another owner comes first
  enospc|ebusy|eacces|eintr [TIMES]   a call of the driver fails so
and, until \`clear\`:
  gone 1|0                vanished from the bus: registers read all ones
  temperature CELSIUS     warns from 95, shuts down at 100
  ecc COUNT               memory errors
at once:
  compute                 kills the process that computes
  death                   kills the card; its node answers ENOTCONN until the next start
  clear                   everything well again`;

export function addCard(program: Command, context: Context): void {
  const card = program
    .command('card')
    .description('a virtual Catapult card: no hardware, but the driver’s interface, for development and tests')
    .helpCommand(false);

  withDirectory(card.command('start'))
    .description('start it; it goes on after this command, and after whoever uses it')
    .option('--slots <n>', 'slots, 2 to 256 (64)', positiveInteger)
    .option('--slot-bytes <n>', 'bytes in a slot, a power of two from 8192 to 1048576 (1048576)', positiveInteger)
    .option('--management', 'a second node: catapult0 is then the management function, catapult1 the role')
    .action(async (options: { dir: string; slots?: number; slotBytes?: number; management?: true }) => {
      const { startCard } = await loadCard();
      const wanted: StartOptions = {
        directory: options.dir,
        ...(options.slots === undefined ? {} : { slots: options.slots }),
        ...(options.slotBytes === undefined ? {} : { bytesPerSlot: options.slotBytes }),
        ...(options.management === undefined ? {} : { management: true }),
      };
      const started = await startCard(wanted).catch(asCliError);
      context.out(`virtual card (no hardware) at ${started.node}, process ${started.status.pid}`);
      const name = basename(started.node);
      context.note(`its identity: ${started.sysfsDir}/${name}; stop it with \`npx edgeslot card stop\``);
    });

  withDirectory(card.command('status'))
    .description('what it holds and how it is')
    .option('--json', 'as JSON, with what the card saw of its owners: who loaded and ran when')
    .action(async ({ dir, json }: { dir: string; json?: true }) => {
      const { cardStatus, cardWitness } = await loadCard();
      const status = await cardStatus(dir).catch(asCliError);
      if (json) {
        const witness = await cardWitness(dir).catch(asCliError);
        return context.out(JSON.stringify({ ...numbersOf(status), witness }, undefined, 2));
      }
      const width = Math.max(...Object.keys(status).map((key) => key.length));
      for (const [key, value] of Object.entries(status)) context.out(`${key.padEnd(width)}  ${value}`);
    });

  withDirectory(card.command('fault'))
    .description('let something go wrong')
    .argument('<fault>', 'its name, see below')
    .argument('[values...]', 'its values, whole numbers', collectNumbers)
    .addHelpText('after', FAULTS)
    .action(async (fault: string, values: string[] | undefined, { dir }: { dir: string }) => {
      const { cardFault } = await loadCard();
      if (/\s/.test(fault)) throw usageError(`the name of a fault has no blanks in it: ${fault}`);
      await cardFault(dir, [fault, ...(values ?? [])]).catch(asCliError);
      context.out(fault === 'clear' ? 'cleared' : `set: ${[fault, ...(values ?? [])].join(' ')}`);
    });

  withDirectory(card.command('stop'))
    .description('stop it')
    .action(async ({ dir }: { dir: string }) => {
      const { stopCard } = await loadCard();
      await stopCard(dir).catch(asCliError);
      context.out('stopped');
    });
}

/** A card tells everything as text. */
function numbersOf(status: CardStatus): Record<string, string | number> {
  const entries = Object.entries(status).map(([key, value]) => [key, /^\d+$/.test(value) ? Number(value) : value]);
  return Object.fromEntries(entries);
}

function withDirectory(command: Command): Command {
  return command.option('--dir <dir>', 'directory it lives in', DEFAULT_DIRECTORY);
}

function collectNumbers(value: string, previous: string[] | undefined): string[] {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('expected a whole number');
  return [...(previous ?? []), value];
}

function loadCard(): Promise<typeof import('@edgeslot/card')> {
  return import('@edgeslot/card');
}

function asCliError(error: unknown): never {
  if ((error as Error).name === 'CardError') throw new CliError((error as Error).message, 1, { cause: error });
  throw error;
}
