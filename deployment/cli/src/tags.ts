import { usageError } from './cli-error.js';

/** `k=v` of `--tag`; a value may hold `=`. */
export function readTags(tags: readonly string[] = []): Record<string, string> {
  const read = new Map<string, string>();
  for (const tag of tags) {
    const at = tag.indexOf('=');
    if (at < 1) throw usageError(`--tag ${JSON.stringify(tag)}: expected k=v`);
    const key = tag.slice(0, at);
    if (read.has(key))
      throw usageError(`--tag ${JSON.stringify(tag)}: ${key} has a value already; expected each key once`);
    read.set(key, tag.slice(at + 1));
  }
  return Object.fromEntries(read);
}
