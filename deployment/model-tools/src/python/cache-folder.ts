import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** `EDGESLOT_CACHE`, else `edgeslot` in `XDG_CACHE_HOME`, else in `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.EDGESLOT_CACHE) return resolve(env.EDGESLOT_CACHE);
  // The XDG base directory specification: a path that is not absolute is to be ignored.
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(env.HOME || homedir(), '.cache'), 'edgeslot');
}
