import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';

/** Files of the control groups that say how much a group may take and has taken, for both versions of the interface. */
const VERSIONS = [
  { controller: '', folder: '', limit: 'memory.max', usage: 'memory.current', cache: ['inactive_file', 'active_file'] },
  {
    controller: 'memory',
    folder: 'memory',
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    cache: ['total_inactive_file', 'total_active_file'],
  },
] as const;

/**
 * Bytes that this process may still take: what the host has available, or what is left in the tightest of the control
 * groups that the process is in. Cached files count as free, because they give way; Node's own `availableMemory` takes
 * them for used, and just after a model's files were read that is most of it.
 *
 * @param root where `proc` and `sys` are, for tests
 */
export function freeMemory(root = '/', available = freemem()): number {
  const groups = readText(join(root, 'proc/self/cgroup')) ?? '';
  let free = available;
  for (const line of groups.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    const version = VERSIONS.find(({ controller }) => controllers?.split(',').includes(controller));
    if (!version || path === undefined) continue;
    const base = join(root, 'sys/fs/cgroup', version.folder);
    // In a container the path may be the host's, and only the container's own group is mounted, at the base.
    for (const group of ancestors(path)) free = Math.min(free, leftIn(join(base, group), version));
  }
  return Math.max(0, free);
}

function leftIn(group: string, { limit, usage, cache }: (typeof VERSIONS)[number]): number {
  const [most, used] = [limit, usage].map((file) => readNumber(join(group, file)));
  if (most === undefined || used === undefined) return Number.POSITIVE_INFINITY;
  const stat = readText(join(group, 'memory.stat')) ?? '';
  const cached = cache.reduce((sum, name) => sum + Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0), 0);
  return most - Math.max(0, used - cached);
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}

/** `max`, and a file that is not there, are no number. */
function readNumber(file: string): number | undefined {
  const text = readText(file)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
