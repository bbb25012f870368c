import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { NAMESPACE_SCRIPT } from './namespace-script.js';

export type Isolation = 'namespaces' | 'preload';

/** Where `unshare`, `mount` and `setpriv` are looked for, whatever PATH a module gets. */
export const TOOL_PATH = `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`;

/** Without a user namespace for root; with one, in which the caller is root, for everybody else. */
export function unshareArguments(): string[] {
  return process.getuid?.() === 0 ? ['-m', '--propagation', 'private'] : ['-Urm', '--propagation', 'private'];
}

/** A real trial, since kernels, containers and security modules refuse at different points: mounts, a new root, the death signal. */
export async function detectIsolation(runDir: string): Promise<{ isolation: Isolation; reason: string }> {
  if (process.platform !== 'linux')
    return { isolation: 'preload', reason: `mount namespaces need Linux, this is ${process.platform}` };
  const scratch = await mkdtemp(path.join(runDir, 'trial-'));
  const root = path.join(scratch, 'root');
  const tops = (await readdir('/', { withFileTypes: true })).filter(({ name }) =>
    ['usr', 'bin', 'sbin', 'lib', 'lib64', 'etc', 'nix'].includes(name),
  );
  const links = tops.flatMap(({ name }) => ['mkdir', path.join(root, name), 'bind', `/${name}`, path.join(root, name)]);
  const words = ['mkdir', root, 'tmpfs', root, ...links, 'chroot', root, '--', '/', TOOL_PATH, 'true'];
  try {
    await new Promise<void>((resolve, reject) => {
      execFile(
        'unshare',
        [...unshareArguments(), 'sh', '-c', NAMESPACE_SCRIPT, 'edgeslot', ...words],
        { timeout: 5_000, env: { PATH: TOOL_PATH } },
        (error, _out, stderr) => {
          if (error === null) resolve();
          else reject(new Error((stderr.trim().split('\n').at(-1) ?? '') || error.message));
        },
      );
    });
    return { isolation: 'namespaces', reason: 'a private mount namespace was made' };
  } catch (error) {
    return { isolation: 'preload', reason: `no private mount namespace: ${(error as Error).message}` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
