import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes the folders that the files of a package lie in. */
export async function stageFolders(staging: string, files: readonly string[]): Promise<void> {
  for (const folder of new Set(files.map((file) => dirname(join(staging, file)))))
    await mkdir(folder, { recursive: true });
}
