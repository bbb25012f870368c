import { createHash } from 'node:crypto';

/**
 * The manifest with its own digest, so that a change of any value is noticed: sha256 over its JSON with the keys in
 * order, without spaces and without `digest` itself. How the file is laid out does not count.
 */
export function sealManifest<M extends object>(manifest: M): M & { readonly digest: string } {
  return { ...manifest, digest: manifestDigest(manifest) };
}

export function manifestDigest(manifest: object): string {
  const { digest: _, ...content } = manifest as { digest?: unknown };
  return createHash('sha256').update(JSON.stringify(content, inOrder)).digest('hex');
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
