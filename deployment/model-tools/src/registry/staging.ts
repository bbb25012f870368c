import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './is-alive.js';
import { STAGING_FOLDER } from './layout.js';
import { PROCESS_HOME } from './process-home.js';

/** Names a maker of packages; its staging directories begin with it: the process id, and where that id counts. */
export type StagingOwner = string;

/** Nobody makes a package for longer; of makers whose process cannot be asked after, older ones are left behind. */
const LONGEST_MAKING_MS = 24 * 3600_000;

export function stagingOwner(): StagingOwner {
  return `${process.pid}-${PROCESS_HOME}-${randomBytes(6).toString('hex')}`;
}

/**
 * Makes the models directory when it is absent, and removes what died in it. Throws Error that names the directory when
 * it cannot be made or written.
 */
export async function openRegistry(modelsDir: string): Promise<void> {
  try {
    await mkdir(modelsDir, { recursive: true });
    await access(modelsDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`the models directory ${modelsDir} cannot be written: ${REASONS[code ?? ''] ?? message}`, {
      cause: error,
    });
  }
  await removeStaging(modelsDir);
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'its file system is read-only',
  EACCES: 'you may not',
  EEXIST: 'it is a file',
  ENOTDIR: 'a file lies on its path',
  // What Node.js makes of a read-only file system, or none, when it makes several directories.
  ENOENT: 'it cannot be made where its path leads',
};

/** A new empty directory on the registry's own file system, for one package. */
export async function openStaging(modelsDir: string, owner: StagingOwner): Promise<string> {
  const directory = join(modelsDir, STAGING_FOLDER, `${owner}-${randomBytes(4).toString('hex')}`);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  return directory;
}

/** A path for a file that will be renamed to its place; like a package, it is removed when its maker died. */
export async function stagingFile(modelsDir: string): Promise<string> {
  const folder = join(modelsDir, STAGING_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return join(folder, `${stagingOwner()}-file`);
}

/**
 * Removes what makers left behind that are no more: those of dead processes and, where given, of `owner`.
 * Returns the names of what was removed.
 */
export async function removeStaging(modelsDir: string, owner?: StagingOwner): Promise<string[]> {
  const folder = join(modelsDir, STAGING_FOLDER);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const leftovers: string[] = [];
  for (const name of names) {
    const own = owner !== undefined && name.startsWith(`${owner}-`);
    if (own || (await isLeftBehind(folder, name))) leftovers.push(name);
  }
  for (const name of leftovers) await rm(join(folder, name), { recursive: true, force: true });
  return leftovers;
}

async function isLeftBehind(folder: string, name: string): Promise<boolean> {
  const [, pid, home] = /^([1-9]\d*)-([0-9a-f]+)-/.exec(name) ?? [];
  if (pid === undefined) return false;
  if (home === PROCESS_HOME) return !isAlive(Number(pid));
  const made = await stat(join(folder, name)).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > LONGEST_MAKING_MS;
}
