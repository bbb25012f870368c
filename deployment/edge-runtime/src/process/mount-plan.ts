import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

export interface ResolvedBind {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

const MOST_ENTRIES = 256;

/**
 * Words for the setup script of `namespace-script.ts`. A target that does not exist must not be made on the machine's own
 * file system: its nearest existing parent is covered with a tmpfs that holds the same entries, and the target is made there.
 * When that parent is `/`, the module gets a new root of the same kind. `scratch` is an existing empty directory.
 */
export async function planMounts(binds: readonly ResolvedBind[], scratch: string): Promise<string[]> {
  const words: string[] = [];
  const ordered = [...binds].sort((a, b) => a.target.length - b.target.length);
  const covered = new Set<string>();
  const targets = new Map<ResolvedBind, string>();
  for (const bind of ordered) {
    const { parent, rest } = await nearestParent(bind.target);
    targets.set(bind, path.join(parent, rest));
    const below = ordered.some((other) => other !== bind && bind.target.startsWith(`${other.target}/`));
    if (rest !== '' && !below) covered.add(parent);
  }
  const root = covered.has('/') ? path.join(scratch, 'root') : '';
  if (root !== '') {
    words.push('mkdir', root, 'tmpfs', root, ...(await copyEntries('/', '/', root)), 'chroot', root);
    covered.delete('/');
  }
  let index = 0;
  // Shorter paths first, so that a cover below another is laid over it.
  for (const parent of [...covered].sort((a, b) => a.length - b.length)) {
    const stage = path.join(scratch, `stage-${index++}`);
    words.push(
      'mkdir',
      stage,
      'bind',
      root + parent,
      stage,
      'tmpfs',
      root + parent,
      ...(await copyEntries(parent, stage, root + parent)),
    );
  }
  for (const [{ source, readOnly }, target] of targets) {
    const isDirectory = (await stat(source)).isDirectory();
    words.push(isDirectory ? 'mkdir' : 'touch', root + target, 'bind', source, root + target);
    if (readOnly) words.push('ro', root + target);
  }
  return words;
}

async function nearestParent(target: string): Promise<{ parent: string; rest: string }> {
  let parent = target;
  for (;;) {
    const real = await realpath(parent).catch(() => undefined);
    if (real !== undefined) return { parent: real, rest: path.relative(parent, target) };
    parent = path.dirname(parent);
  }
}

async function copyEntries(directory: string, from: string, to: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.length > MOST_ENTRIES) {
    throw new Error(
      `a bind's target would have to be made in ${directory}, which holds ${entries.length} entries; bind to a path in a smaller directory`,
    );
  }
  const words: string[] = [];
  for (const entry of entries) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) words.push('mkdir', target, 'bind', source, target);
    else if (entry.isSymbolicLink()) words.push('link', await readlink(path.join(directory, entry.name)), target);
    else if (entry.isFile() || entry.isSocket()) words.push('touch', target, 'bind', source, target);
  }
  return words;
}
