import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Bind } from '../manifest/deployment.js';
import { exists } from '../storage/exists.js';

export interface BindSourceOptions {
  /** Path on a device -> path on this machine. */
  readonly hostPaths: Readonly<Record<string, string>>;
  readonly stateDir: string;
  readonly warn: (text: string) => void;
}

/** Where a bind's source is on this machine: mapped, or as it stands, or made in the state directory as Docker would make it. */
export async function resolveBindSource(bind: Bind, { hostPaths, stateDir, warn }: BindSourceOptions): Promise<string> {
  const mapped = longestPrefix(bind.source, hostPaths);
  if (mapped !== undefined) {
    if (!(await exists(mapped))) await mkdir(mapped, { recursive: true });
    return mapped;
  }
  if (!path.isAbsolute(bind.source)) {
    if (!/^[a-zA-Z0-9][\w.-]*$/.test(bind.source)) {
      throw new Error(
        `bind ${bind.source}:${bind.target} has a source that is neither an absolute path nor a volume name`,
      );
    }
    const volume = path.join(stateDir, 'volumes', bind.source);
    await mkdir(volume, { recursive: true });
    return volume;
  }
  if (await exists(bind.source)) return bind.source;
  const made = path.join(stateDir, 'host', path.normalize(bind.source));
  await mkdir(made, { recursive: true });
  warn(`bind source ${bind.source} is not on this machine: ${made} stands for it`);
  return made;
}

function longestPrefix(source: string, hostPaths: Readonly<Record<string, string>>): string | undefined {
  const clean = path.posix.normalize(source).replace(/(.)\/$/, '$1');
  const [from, to] =
    Object.entries(hostPaths)
      .map(([key, value]) => [path.posix.normalize(key).replace(/(.)\/$/, '$1'), value] as const)
      .filter(([key]) => clean === key || clean.startsWith(`${key}/`))
      .sort(([a], [b]) => b.length - a.length)[0] ?? [];
  return from === undefined || to === undefined ? undefined : path.join(path.resolve(to), clean.slice(from.length));
}
