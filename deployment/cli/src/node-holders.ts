import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface NodeHolder {
  readonly pid: number;
  /** As it was started, as far as that can be read. */
  readonly command: string;
}

/**
 * The processes that have a device's node open, as far as this user may see: all of them for root. Containers have nodes
 * of their own for one device, so the device is compared and not the path.
 */
export async function nodeHolders(path: string, proc = '/proc'): Promise<NodeHolder[]> {
  const node = await stat(path).catch(() => undefined);
  if (!node) return [];
  const pids = (await readdir(proc).catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const holders = await Promise.all(
    pids.map(async (pid) => ((await holds(join(proc, `${pid}`, 'fd'), node)) ? [await holder(proc, pid)] : [])),
  );
  return holders.flat().sort((a, b) => a.pid - b.pid);
}

async function holds(folder: string, node: Stats): Promise<boolean> {
  for (const descriptor of await readdir(folder).catch(() => [])) {
    const open = await stat(join(folder, descriptor)).catch(() => undefined);
    if (open && isSame(open, node)) return true;
  }
  return false;
}

function isSame(one: Stats, other: Stats): boolean {
  if (one.isCharacterDevice() && other.isCharacterDevice()) return one.rdev === other.rdev;
  return one.dev === other.dev && one.ino === other.ino;
}

async function holder(proc: string, pid: number): Promise<NodeHolder> {
  const words = await readFile(join(proc, `${pid}`, 'cmdline'), 'utf8').catch(() => '');
  return { pid, command: words.replaceAll('\0', ' ').trim() };
}
