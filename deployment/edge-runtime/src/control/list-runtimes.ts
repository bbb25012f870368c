import { readdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findRuntime, RUN_DIR_PREFIX, STATE_LINK } from './state-lock.js';

/** The state directories of this user's runtimes that run on this machine, found by their run directories. */
export async function listRuntimes(): Promise<string[]> {
  const found = new Set<string>();
  for (const parent of new Set([tmpdir(), '/tmp'])) {
    const names = await readdir(parent).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(RUN_DIR_PREFIX))) {
      const stateDir = await readlink(path.join(parent, name, STATE_LINK)).catch(() => undefined);
      if (stateDir !== undefined && (await findRuntime(stateDir))) found.add(stateDir);
    }
  }
  return [...found].sort();
}
