import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';

export const STATE_MARKER = 'edgeslot-state.json';

/** Marks a directory as ours, so that a purge removes no other. */
export async function markStateDir(stateDir: string): Promise<void> {
  const file = await open(path.join(stateDir, STATE_MARKER), 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await file?.writeFile(`${JSON.stringify({ product: 'edgeslot', stateVersion: 1 })}\n`);
  await file?.close();
}

/** Bytes on disk; a file with two names counts once, what goes away meanwhile counts nothing, links are not followed. */
export async function directorySize(directory: string): Promise<number> {
  const seen = new Set<string>();
  let bytes = 0;
  const visit = async (file: string): Promise<void> => {
    const info = await lstat(file).catch(() => undefined);
    if (info === undefined) return;
    const key = `${info.dev}:${info.ino}`;
    if (seen.has(key)) return;
    seen.add(key);
    bytes += info.blocks * 512;
    if (!info.isDirectory()) return;
    for (const name of await readdir(file).catch(() => [])) await visit(path.join(file, name));
  };
  await visit(directory);
  return bytes;
}
