import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of the files below a directory; what goes away meanwhile counts nothing, symbolic links are not followed. */
export async function directorySize(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) bytes += await directorySize(file);
    else bytes += (await lstat(file).catch(() => ({ size: 0 }))).size;
  }
  return bytes;
}
