import { usageError } from './cli-error.js';

/** `k=v` of `--tag`; a value may hold `=`. */
export function readTags(tags: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    tags.map((tag) => {
      const at = tag.indexOf('=');
      if (at < 1) throw usageError(`--tag ${JSON.stringify(tag)}: expected k=v`);
      return [tag.slice(0, at), tag.slice(at + 1)];
    }),
  );
}
