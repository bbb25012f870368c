import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { directorySize, markStateDir, STATE_MARKER } from '@edgeslot/edge-runtime/state-directory';
import { CliError, errorCode } from './cli-error.js';

export const DEFAULT_STATE = '.edgeslot';

/** Makes the state directory and marks it as ours, so that `down --purge` knows what it may remove. */
export async function claimStateDir(path: string): Promise<string> {
  const dir = resolve(path);
  const entries = await entriesOf(dir);
  if (entries !== undefined && entries.length > 0 && !(await isOurs(dir, entries))) {
    throw new CliError(`--state ${path} holds other files and is not a state directory of Edgeslot: name another one`);
  }
  try {
    await mkdir(dir, { recursive: true, mode: 0o755 });
    await markStateDir(dir);
  } catch (error) {
    throw new CliError(`--state ${path} cannot be written (${errorCode(error) ?? error}): name another one`);
  }
  return dir;
}

/**
 * Removes the whole state directory, and the sockets that a killed runtime left elsewhere; answers the bytes freed,
 * `undefined` when there was none. To be called when no runtime runs on it.
 */
export async function purgeStateDir(path: string): Promise<number | undefined> {
  const dir = resolve(path);
  const entries = await entriesOf(dir);
  if (entries === undefined) return undefined;
  if (entries.length > 0 && !(await isOurs(dir, entries))) {
    throw new CliError(`${path} is not a state directory of Edgeslot (no ${STATE_MARKER} in it): nothing was removed`);
  }
  const { runDirOf } = await import('@edgeslot/edge-runtime/control-client');
  const bytes = await directorySize(dir);
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  await rm(runDirOf(dir), { recursive: true, force: true });
  return bytes;
}

async function isOurs(dir: string, entries: readonly string[]): Promise<boolean> {
  if (entries.includes(STATE_MARKER)) {
    const text = await readFile(join(dir, STATE_MARKER), 'utf8').catch(() => '');
    return text.includes('"edgeslot"');
  }
  // The demo models may have been made before any runtime was started here.
  return basename(dir) === DEFAULT_STATE && entries.every((name) => name === 'models');
}

async function entriesOf(dir: string): Promise<string[] | undefined> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'ENOTDIR') throw new CliError(`--state ${dir} is a file: name a directory`);
    throw new CliError(`--state ${dir} cannot be read (${errorCode(error) ?? error})`);
  }
}
