import { readFile, writeFile } from 'node:fs/promises';

/**
 * A module's private `/etc/hosts`: the runtime's names first, then what the base file says. Written in place, because a bind
 * mount holds on to the file it was made of: a module that joins later becomes known to those that run.
 */
export async function writeHostsFile(
  file: string,
  names: ReadonlyMap<string, string>,
  base: string | undefined,
): Promise<void> {
  const own = [...names].map(([name, address]) => `${address}\t${name}`);
  const inherited = base === undefined ? '' : await readFile(base, 'utf8').catch(() => '');
  const kept = inherited.split('\n').filter(
    (line) =>
      !line
        .split('#')[0]
        ?.trim()
        .split(/\s+/)
        .slice(1)
        .some((name) => names.has(name)),
  );
  const loopback = kept.some((line) => /\slocalhost(\s|$)/.test(line)) ? [] : ['127.0.0.1\tlocalhost'];
  await writeFile(file, `${[...loopback, ...own, ...kept].join('\n').trimEnd()}\n`, { mode: 0o644 });
}
