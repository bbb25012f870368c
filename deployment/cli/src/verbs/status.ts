import type { RuntimeStatus, Twin } from '@edgeslot/edge-runtime';
import type { ControlClient } from '@edgeslot/edge-runtime/control-client';
import type { Command } from 'commander';
import { shortPath } from '../checkout.js';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { withState } from '../options.js';
import { statusLines } from '../story/status-table.js';

export function addStatus(program: Command, context: Context): void {
  withState(program.command('status'))
    .summary('runtime, modules, slot, device, size of the state')
    .description('show the runtime, its modules, and the model in the slot')
    .option('--json', 'print it as JSON, with the modules’ reported properties')
    .action(async (options: { state: string; json?: boolean }) => {
      const control = await requireRuntime(options.state);
      const status = await control.status();
      const reported = await reportedOf(control, status);
      if (options.json) context.out(JSON.stringify({ ...status, reported }, null, 2));
      else for (const line of statusLines(context.paint, status, reported, shortPath)) context.out(line);
    });
}

/** Reported properties by module; a module without a twin is left out. */
async function reportedOf(
  control: ControlClient,
  status: RuntimeStatus,
): Promise<Record<string, Twin['properties']['reported']>> {
  const entries = await Promise.all(
    status.modules.map(async ({ name }) => {
      const twin = await control.twin(name).catch(() => undefined);
      return twin ? ([[name, twin.properties.reported]] as const) : [];
    }),
  );
  return Object.fromEntries(entries.flat());
}
