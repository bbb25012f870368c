import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const SUFFIX = '.tmp';
let counter = 0;

/** Writes beside the target and renames, so that a reader or a crash sees the old file or the new one, never half. */
export async function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  counter += 1;
  const temporary = `${path}.${process.pid}.${counter}${SUFFIX}`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Lists a directory's finished files; what a crash left half written is removed. */
export async function listFinished(dir: string): Promise<string[]> {
  const names = await readdir(dir);
  const left = names.filter((name) => name.endsWith(SUFFIX));
  await Promise.all(left.map((name) => rm(join(dir, name), { force: true })));
  return names.filter((name) => !name.endsWith(SUFFIX));
}
