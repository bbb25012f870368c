import { constants } from 'node:fs';
import { copyFile, open, stat } from 'node:fs/promises';

/**
 * Copies a file (sharing blocks where the file system can) and has the disk keep the copy.
 *
 * Throws Error for what is no regular file: a pipe would be waited for, a device would never end.
 */
export async function copyDurably(source: string, target: string): Promise<void> {
  if (!(await stat(source)).isFile())
    throw new Error(`${source}: expected a file, found something else, such as a pipe`);
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  const handle = await open(target, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
