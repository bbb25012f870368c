import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { openPackage, parseManifest } from '@edgeslot/scoring/model';
import { copyDurably } from '../registry/copy-durably.js';
import { MANIFEST_FILE } from '../registry/layout.js';
import { publishPackage } from '../registry/publish.js';
import { stageFolders } from '../registry/stage-folders.js';
import type { RegisteredPackage, RegisterOptions, Workshop } from './registration.js';

/**
 * A package directory: its files as the manifest lists them, checked as a copy of our own, so that what is registered is
 * what was checked. Name and version are the registry's; tags are added to those of the package.
 */
export async function registerPackage(
  { modelsDir, path, name, description, tags, signal }: RegisterOptions,
  { staging }: Workshop,
): Promise<RegisteredPackage> {
  const file = join(path, MANIFEST_FILE);
  const text = await readFile(file, 'utf8');
  const manifest = parseManifest(text, file);
  const copy = join(staging, manifest.name, String(manifest.version));
  await mkdir(copy, { recursive: true });
  await stageFolders(copy, Object.keys(manifest.files));
  const inside = (await realpath(path)) + sep;
  for (const each of Object.keys(manifest.files)) {
    signal?.throwIfAborted();
    const source = await realpath(join(path, each)).catch(() => {
      throw new Error(`${join(path, each)} is missing; the manifest names it`);
    });
    if (!source.startsWith(inside))
      throw new Error(`${join(path, each)} is a link that leaves the package, to ${source}`);
    await copyDurably(source, join(copy, each));
  }
  await copyDurably(file, join(copy, MANIFEST_FILE));
  await openPackage(staging, manifest, { ...(signal && { signal }) }).catch((error: Error) => {
    // The copy is ours; the fault is of what was copied.
    error.message = error.message.replaceAll(copy, path);
    throw error;
  });
  const { schemaVersion: _schema, version: _version, created: _created, files, ...draft } = manifest;
  const registered = await publishPackage(
    modelsDir,
    copy,
    { ...draft, name, ...(description !== undefined && { description }), tags: { ...draft.tags, ...tags } },
    { digests: files, ...(signal && { signal }) },
  );
  return { manifest: registered, servable: true, notes: [] };
}
