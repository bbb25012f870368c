import { join } from 'node:path';
import { formatModelId, type ModelId, type ModelManifest } from '@edgeslot/scoring/model';

/**
 * The registry is the models directory: `<base>/<name>/<version>/` holds a package, `<base>/index.json` a list of all
 * of them for other programs to read, `<base>/.staging/` packages that are being made. The directories are the truth;
 * the index is written after them.
 */
export const MANIFEST_FILE = 'model.json';
export const INDEX_FILE = 'index.json';
export const STAGING_FOLDER = '.staging';

export function packageDirectory(modelsDir: string, { name, version }: ModelId): string {
  return join(modelsDir, name, String(version));
}

export function idOf(manifest: ModelManifest): string {
  return formatModelId(manifest);
}

/** Size of a package's files, the manifest not counted. */
export function packageBytes(manifest: ModelManifest): number {
  return Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0);
}
