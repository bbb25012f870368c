import { resolve } from 'node:path';
import type { Command } from 'commander';
import { CHECKOUT, DEVICE_MODELS, shortPath } from '../checkout.js';
import type { Context } from '../context.js';
import { readTextFile } from '../manifest-file.js';
import { listenAddress, withState } from '../options.js';

export function addUp(program: Command, context: Context): void {
  withState(program.command('up'))
    .summary('start the local Edge runtime with a manifest')
    .description('start the local Edge runtime with a deployment manifest, in this terminal')
    .argument('<manifest>', 'deployment manifest, as IoT Hub takes it')
    .option(
      '--host <address>',
      'where published ports listen; `auto`: an own loopback address',
      listenAddress,
      '127.0.0.1',
    )
    .option(
      '--models <dir>',
      'directory that stands for /var/lib/edgeslot/models (default: models in the state directory)',
    )
    .option('--quiet', 'leave out the modules’ log lines below warnings')
    .action(async (file: string, options: { state: string; host: string; models?: string; quiet?: boolean }) => {
      const { startRuntimeSession } = await import('../session/start-session.js');
      const { StopSignals } = await import('../session/stop-signals.js');
      const { StoryTerminal } = await import('../story/terminal.js');
      const manifest = await readTextFile(file, 'manifest');
      const signals = new StopSignals();
      try {
        context.exitCode = await startRuntimeSession({
          stateDir: options.state,
          ...(options.models !== undefined && { modelsDir: options.models }),
          modelsPath: DEVICE_MODELS,
          terminal: new StoryTerminal(context.stdout, context.env),
          signals,
          runtime: { manifest, source: shortPath(resolve(file)), modulesRoot: CHECKOUT, hostAddress: options.host },
          logSeverity: options.quiet ? 4 : 6,
          endOnFailure: false,
        });
      } finally {
        signals.dispose();
      }
    });
}
