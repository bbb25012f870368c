import { join, resolve } from 'node:path';
import type { RuntimeOptions } from '@edgeslot/edge-runtime';
import { connectControl } from '@edgeslot/edge-runtime/control-client';
import { shortPath, version } from '../checkout.js';
import { claimModelsDir, claimStateDir } from '../state-dir.js';
import { storyLine } from '../story/columns.js';
import { printable } from '../story/style.js';
import { runSession, type SessionOptions } from './run-session.js';
import { alreadyRunning, explainStartFailure } from './start-refusals.js';

export interface StartOptions extends Omit<SessionOptions, 'runtime' | 'showStatus'> {
  readonly stateDir: string;
  /** `models` in the state directory by default. */
  readonly modelsDir?: string;
  /** The path that the manifest's binds know the models directory by. */
  readonly modelsPath: string;
  /** What is to be done before the runtime starts, with the models directory. */
  readonly before?: (modelsDir: string) => Promise<void>;
  readonly runtime: Omit<RuntimeOptions, 'onEvent' | 'stateDir' | 'log'>;
}

/** What `demo` and `up` share: the state directory, the head of the story, the runtime in this process. */
export async function startRuntimeSession(options: StartOptions): Promise<number> {
  const { terminal } = options;
  await refuseSecond(resolve(options.stateDir));
  const stateDir = await claimStateDir(options.stateDir);
  const modelsDir = await claimModelsDir(options.modelsDir ?? join(stateDir, 'models'));
  const say = (who: string, text: string) => terminal.print([storyLine(terminal.paint, new Date(), who, text)]);
  say('edgeslot', `${version()}, local Edge runtime in ${shortPath(stateDir)}; Ctrl-C stops it`);
  await options.before?.(modelsDir);
  say('manifest', options.runtime.source ?? 'the last good one');
  try {
    return await runSession({
      ...options,
      showStatus: true,
      runtime: {
        ...options.runtime,
        stateDir,
        hostPaths: { [options.modelsPath]: modelsDir, ...options.runtime.hostPaths },
        log: (level, text) => {
          if (level === 'error') say('runtime', terminal.paint('bad', printable(text)));
          else if (level === 'warning') say('runtime', terminal.paint('warn', printable(text)));
          else if (options.logSeverity >= (level === 'info' ? 6 : 7))
            say('runtime', terminal.paint('dim', printable(text)));
        },
      },
    });
  } catch (error) {
    throw explainStartFailure(error, stateDir);
  } finally {
    terminal.stopStatus();
  }
}

async function refuseSecond(stateDir: string): Promise<void> {
  const control = await connectControl(stateDir).catch(() => undefined);
  if (!control) return;
  const { runtime } = await control.status();
  throw alreadyRunning(stateDir, `a runtime already runs on ${shortPath(stateDir)} (pid ${runtime.pid})`);
}
