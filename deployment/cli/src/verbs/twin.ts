import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient } from '@edgeslot/edge-runtime/control-client';
import type { Command } from 'commander';
import { CliError, usageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { readJsonArgument } from '../json-argument.js';
import { withState } from '../options.js';
import { isRecord } from '../story/frame-message.js';
import { printable } from '../story/style.js';
import { type PatchAnswer, readPatchAnswer } from '../twin-answer.js';

const ANSWER_BOUND_MS = 3_000;
const LOOK_EVERY_MS = 100;

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
      const version = properties.desired.$version;
      const { state, texts } = await awaitAnswer(control, module, version, Object.keys(desired));
      const what = printable(texts.join('; '));
      if (state === 'refused') throw new CliError(`${module} refused version ${version}: ${what}`);
      if (state === 'applied') context.note(`${module}: applied`);
      else if (state === 'unknown') context.note(`${module}: none of its sections is named so; it leaves this alone`);
      else context.note(`${module}: ${what || 'not yet answered; see `edgeslot twin get`'}`);
    });
}

/** Looks at the reported properties until the module has answered, a few seconds at most. */
async function awaitAnswer(
  control: ControlClient,
  module: string,
  version: number,
  keys: readonly string[],
): Promise<PatchAnswer> {
  const end = performance.now() + ANSWER_BOUND_MS;
  for (;;) {
    const answer = readPatchAnswer((await control.twin(module)).properties.reported, version, keys);
    if (answer.state !== 'pending' || performance.now() >= end) return answer;
    await sleep(LOOK_EVERY_MS);
  }
}
