import { join } from 'node:path';
import {
  type FileDigest,
  formatModelId,
  type ModelId,
  type ModelManifest,
  parseModelReference,
} from '@edgeslot/scoring/model';

/**
 * The registry is the models directory: `<base>/<name>/<version>/` holds a package, `<base>/index.json` a list of all
 * of them for other programs to read, `<base>/.staging/` packages that are being made or removed, `<base>/.features/`
 * what `model head` has computed before. The directories are the truth; the index is written after them.
 */
export const MANIFEST_FILE = 'model.json';
export const INDEX_FILE = 'index.json';
export const STAGING_FOLDER = '.staging';
export const FEATURES_FOLDER = '.features';

/** `<name>/.deleted-<version>`, empty: a version that was deleted is never given again. */
export const DELETED_PREFIX = '.deleted-';

/** @throws RangeError for a text that cannot be the name of a model here */
export function checkModelName(name: string): void {
  if (parseModelReference(name)?.name !== name) {
    throw new RangeError(
      `name: expected a letter or digit, then letters, digits, ".", "_" or "-", at most 128 in all, found "${name}"`,
    );
  }
  if (name === INDEX_FILE) throw new RangeError(`name: ${name} is the registry's own; expected another`);
}

export function packageDirectory(modelsDir: string, { name, version }: ModelId): string {
  return join(modelsDir, name, String(version));
}

export function idOf(manifest: ModelManifest): string {
  return formatModelId(manifest);
}

/** Size of a package's files, the manifest not counted. */
export function packageBytes({ files }: { readonly files: Readonly<Record<string, FileDigest>> }): number {
  return Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
}
