import { constants } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';

/** Copies a file (sharing blocks where the file system can) and has the disk keep the copy. */
export async function copyDurably(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  const handle = await open(target, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
