import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { STAGING_FOLDER } from './layout.js';

/** Names a maker of packages; its staging directories begin with it, the process id first. */
export type StagingOwner = string;

export function stagingOwner(): StagingOwner {
  return `${process.pid}-${randomBytes(6).toString('hex')}`;
}

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
  const leftovers = names.filter((name) => isDead(name) || (owner !== undefined && name.startsWith(`${owner}-`)));
  for (const name of leftovers) await rm(join(folder, name), { recursive: true, force: true });
  return leftovers;
}

function isDead(name: string): boolean {
  const pid = Number(/^(\d+)-/.exec(name)?.[1]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it lives, as another user.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
