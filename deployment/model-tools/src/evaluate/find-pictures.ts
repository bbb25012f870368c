import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const PICTURE = /\.(jpe?g|png|gif)$/i;
/** More would take hours, and their list no little memory. */
const MOST_PICTURES = 100_000;

/**
 * The pictures (by their file names) of a folder and the folders in it, in the order of their paths.
 *
 * Throws RangeError when the folder cannot be read, holds none, or more than 100,000.
 */
export async function findPictures(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new RangeError(`${directory}: expected a folder of pictures (${error.code})`);
    },
  );
  const files = entries
    .filter((entry) => !entry.isDirectory() && PICTURE.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new RangeError(`${directory}: expected pictures (JPEG, PNG or GIF), found none`);
  if (files.length > MOST_PICTURES) {
    throw new RangeError(`${directory}: expected at most ${MOST_PICTURES} pictures, found ${files.length}`);
  }
  return files;
}
