import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Has the disk keep what a directory lists: without it a rename may be lost with the power. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file, or over one that is there, and has the disk keep it. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content, { flush: true });
}

/**
 * Replaces a file in one step: readers see the old or the new content, never part of one. `draft` is a path on the
 * same file system where the new content is written first.
 */
export async function replaceFile(file: string, content: string, draft: string): Promise<void> {
  try {
    await writeDurably(draft, content);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
}

/**
 * Renames a directory within the registry. Throws Error with a way out where a link in it leads to another file system,
 * across which nothing can be moved in one step.
 */
export async function moveDirectory(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    const detail = 'they lie on different file systems. Link or mount the whole models directory, not a folder in it';
    throw new Error(`${from} cannot be moved to ${to} in one step: ${detail}`, { cause: error });
  });
}
