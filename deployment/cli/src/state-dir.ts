import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CliError, errorCode } from './cli-error.js';

const MARKER = 'edgeslot-state.json';
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
    await writeFile(join(dir, MARKER), `${JSON.stringify({ edgeslot: 'state', version: 1 })}\n`);
  } catch (error) {
    throw new CliError(`--state ${path} cannot be written (${errorCode(error) ?? error}): name another one`);
  }
  return dir;
}

/** Removes the whole state directory; answers the bytes freed, `undefined` when there was none. */
export async function purgeStateDir(path: string): Promise<number | undefined> {
  const dir = resolve(path);
  const entries = await entriesOf(dir);
  if (entries === undefined) return undefined;
  if (entries.length > 0 && !(await isOurs(dir, entries))) {
    throw new CliError(`${path} is not a state directory of Edgeslot (no ${MARKER} in it): nothing was removed`);
  }
  const bytes = await diskUsage(dir);
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  return bytes;
}

/** Bytes on disk of a directory; a file with two names in it counts once. */
export async function diskUsage(dir: string): Promise<number> {
  const seen = new Set<string>();
  let total = 0;
  const visit = async (path: string): Promise<void> => {
    const info = await lstat(path).catch(() => undefined);
    if (info === undefined) return;
    const key = `${info.dev}:${info.ino}`;
    if (seen.has(key)) return;
    seen.add(key);
    total += info.blocks * 512;
    if (!info.isDirectory()) return;
    for (const name of await readdir(path).catch(() => [])) await visit(join(path, name));
  };
  await visit(dir);
  return total;
}

async function isOurs(dir: string, entries: readonly string[]): Promise<boolean> {
  if (entries.includes(MARKER)) {
    const text = await readFile(join(dir, MARKER), 'utf8').catch(() => '');
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
