import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CatapultNode } from './catapult-probe.js';
import type { CardAddon } from './native-card.js';
import type { SamplePixels } from './sample-pixels.js';

/** The whole surface of the native addon. */
export interface Addon extends Partial<CardAddon> {
  /**
   * Opens, identifies and closes every `catapultN` of `devDir`, off the event loop. A node that this process holds is
   * not opened: the driver frees all slots of a process when any of its descriptors is closed.
   */
  probe(options: { devDir: string; sysfsDir: string }): Promise<CatapultNode[]>;
  /** Absent in an addon that was built before it had a sampler. */
  readonly sample?: SamplePixels;
  /** Absent, all three, in an addon that was built before it had file locks. See `FileLock`. */
  readonly tryLock?: (fd: number) => boolean;
  readonly unlock?: (fd: number) => void;
  /** `done` is called once; what is returned cancels. */
  readonly waitForLock?: (fd: number, done: (error: Error | null, locked: boolean) => void) => () => void;
}

export type AddonLoad = { readonly addon: Addon } | { readonly error: string };

const require = createRequire(import.meta.url);
const root = new URL('..', import.meta.url);

/** The files an addon may be in, in the order they are tried: built here, then shipped for this platform. */
export const addonFiles = [
  'build/Release/edgeslot.node',
  `prebuilds/${process.platform}-${process.arch}/edgeslot.node`,
].map((path) => fileURLToPath(new URL(path, root)));

/** Loads the addon from the first file that works; a failure names every file and why it was not the one. */
export function loadAddon(files: readonly string[] = addonFiles): AddonLoad {
  const failures: string[] = [];
  for (const file of files) {
    try {
      return { addon: require(file) as Addon };
    } catch (error) {
      failures.push(`${file}: ${reasonOf(error)}`);
    }
  }
  return { error: failures.join('; ') };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' ? 'no such file' : (String(message).split('\n')[0] ?? 'unknown error');
}
