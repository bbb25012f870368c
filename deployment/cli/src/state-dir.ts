import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { directorySize, markStateDir, STATE_MARKER } from '@edgeslot/edge-runtime/state-directory';
import { shortPath } from './checkout.js';
import { CliError, errorCode, errorText } from './cli-error.js';

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
    throw notUsable('--state', path, 'written', error);
  }
  await requireWritable('--state', dir);
  return dir;
}

/** Makes the models directory, and sees to it that models can be made in it. */
export async function claimModelsDir(path: string): Promise<string> {
  const dir = resolve(path);
  try {
    await mkdir(dir, { recursive: true });
  } catch (error) {
    if (['EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? ''))
      throw new CliError(`--models ${path} is a file, or lies under one: name a directory`);
    throw notUsable('--models', path, 'written', error);
  }
  await access(dir, constants.R_OK | constants.X_OK).catch((error) => {
    throw notUsable('--models', path, 'read', error);
  });
  return dir;
}

async function requireWritable(option: string, dir: string): Promise<void> {
  await access(dir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error) => {
    throw notUsable(option, dir, 'written', error);
  });
}

function notUsable(option: string, path: string, what: 'read' | 'written', error: unknown): CliError {
  const code = errorCode(error) ?? errorText(error);
  const why = { EACCES: 'this user may not', EPERM: 'this user may not', EROFS: 'the file system is read-only' }[code];
  return new CliError(
    `${option} ${shortPath(path)} cannot be ${what} (${why ?? code}): name another directory with ${option} DIR, or change its owner or mode`,
  );
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

/** Throws when this user may not look into a state directory that is there; whoever may can run something on it. */
export async function requireReadable(path: string): Promise<void> {
  await entriesOf(resolve(path));
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
    throw notUsable('--state', dir, 'read', error);
  }
}
