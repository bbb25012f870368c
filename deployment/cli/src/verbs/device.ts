import { resolve } from 'node:path';
import type { CardSearch } from '@edgeslot/scoring/devices';
import type { Command } from 'commander';
import type { Context } from '../context.js';

interface Options {
  readonly card?: string;
  readonly driverLibrary?: string;
  readonly json?: boolean;
}

export function addDevice(program: Command, context: Context): void {
  const device = program
    .command('device')
    .description('the devices of this machine: Catapult cards and the emulator')
    .helpCommand(false);

  device
    .command('list')
    .description('list them, with what is wrong with each, and what `auto` would take; nothing is changed')
    .option('--card <dir>', 'directory of a virtual card, instead of /dev (CARD_DIR)')
    .option('--driver-library <file>', 'the vendor’s library of a real card (DRIVER_LIBRARY)')
    .option('--json', 'print it as JSON')
    .action(async (options: Options) => {
      const { listDevices } = await import('@edgeslot/scoring/devices');
      const { nodeHolders } = await import('../node-holders.js');
      const list = await listDevices(searchOf(options, context));
      const holders = await Promise.all(list.cards.map(async ({ path }) => [path, await nodeHolders(path)] as const));
      const devices = { ...list, holders: Object.fromEntries(holders) };
      if (options.json) {
        context.out(JSON.stringify(devices, null, 2));
        return;
      }
      const { deviceLines } = await import('../story/device-lines.js');
      for (const line of deviceLines(context.paint, devices)) context.out(line);
      if (list.cards.length === 0) await tellOfVirtualCard(context);
    });
}

/** As the scoring module takes them: the command line over the environment, an empty variable is none. */
function searchOf({ card, driverLibrary }: Options, { env }: Context): CardSearch {
  const directory = card ?? (env.CARD_DIR || undefined);
  const library = driverLibrary ?? (env.DRIVER_LIBRARY || undefined);
  return { ...(directory !== undefined && { directory: resolve(directory) }), driverLibrary: library };
}

/** It is not looked for by itself, so that nobody takes it for hardware unawares. */
async function tellOfVirtualCard(context: Context): Promise<void> {
  const { cardStatus, DEFAULT_DIRECTORY } = await import('@edgeslot/card');
  const runs = await cardStatus(DEFAULT_DIRECTORY).then(
    () => true,
    () => false,
  );
  context.out(
    runs
      ? `a virtual card runs here: --card ${DEFAULT_DIRECTORY} uses it`
      : 'to try a card without hardware: `npx edgeslot card start`',
  );
}
