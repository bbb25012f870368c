import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { copyDurably } from '../registry/copy-durably.js';
import { MANIFEST_FILE } from '../registry/layout.js';
import { publishSource } from '../registry/publish.js';
import { stageFolders } from '../registry/stage-folders.js';
import type { RegisteredPackage, RegisterOptions, Workshop } from './registration.js';

/** A TensorFlow SavedModel: all its files as they are, to be converted later. Links and hidden files are left out. */
export async function registerSavedModel(
  { modelsDir, path, name, description, tags = {}, signal }: RegisterOptions,
  { staging }: Workshop,
): Promise<RegisteredPackage> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .filter((file) => file !== MANIFEST_FILE && !file.split(sep).some((part) => part.startsWith('.')));
  await stageFolders(staging, files);
  for (const file of files.sort()) {
    signal?.throwIfAborted();
    const { size } = await stat(join(path, file));
    await copyDurably(join(path, file), join(staging, file)).catch((error: Error) => {
      throw new Error(`${join(path, file)} (${size} bytes) cannot be copied: ${error.message}`, { cause: error });
    });
  }
  const draft = { name, ...(description !== undefined && { description }), tags };
  const manifest = await publishSource(modelsDir, staging, draft, { ...(signal && { signal }) });
  return { manifest, servable: false, notes: [] };
}
