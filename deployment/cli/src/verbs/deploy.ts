import { resolve } from 'node:path';
import type { Command } from 'commander';
import { shortPath } from '../checkout.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { requireRuntime } from '../control.js';
import { readTextFile } from '../manifest-file.js';
import { withState } from '../options.js';

export function addDeploy(program: Command, context: Context): void {
  withState(program.command('deploy'))
    .summary('a different model is a new container')
    .description(
      'give the running runtime another deployment manifest: to run a different model, deploy a new container',
    )
    .argument('<manifest>', 'deployment manifest, as IoT Hub takes it')
    .action(async (file: string, options: { state: string }) => {
      const text = await readTextFile(file, 'manifest');
      const control = await requireRuntime(options.state);
      const source = shortPath(resolve(file));
      const { version, status } = await control.deploy(text, source);
      if (status.code !== 200) {
        throw new CliError(`${source} was refused (${status.code}): ${status.description}; what ran before goes on`);
      }
      context.out(`deployed ${source}, version ${version}`);
    });
}
